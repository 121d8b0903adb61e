import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A finished backup: `dfr-2026-11-24T17-40-00-123Z.dump`. Names sort as times do. */
const finished = /^[\w-]+-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z\.dump$/;
const unfinished = /^\.[\w-]+-\d{4}-\d\d-\d\dT[\d-]+Z\.dump\.\d+\.partial$/;

/** `path` under another name until it is whole and on the disk: what bears the name of a backup is one. */
export function namesAt(folder: string, database: string, at: Date): { partial: string; final: string } {
  const name = `${database}-${at.toISOString().replace(/[:.]/g, '-')}.dump`;
  return { partial: join(folder, `.${name}.${process.pid}.partial`), final: join(folder, name) };
}

/** Puts a whole dump in its place. Answers its size in bytes. */
export async function keepDump(partial: string, final: string, folder: string): Promise<number> {
  await syncPath(partial);
  await rename(partial, final);
  await syncPath(folder);
  return (await stat(final)).size;
}

/** Finished backups of a database, the newest first. */
export async function listDumps(folder: string, database: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => finished.test(name) && name.startsWith(`${database}-2`));
  return names.sort().reverse();
}

/** Removes all but the newest `keep`, and what runs left behind that must have ended: nothing else in the folder. */
export async function prune(folder: string, database: string, keep: number, deadlineMs: number): Promise<string[]> {
  const old = (await listDumps(folder, database)).slice(keep);
  const left: string[] = [];
  for (const name of (await readdir(folder)).filter((one) => unfinished.test(one))) {
    const { mtimeMs } = await stat(join(folder, name)).catch(() => ({ mtimeMs: Date.now() }));
    if (mtimeMs < Date.now() - deadlineMs) {
      left.push(name);
    }
  }
  await Promise.all([...old, ...left].map((name) => rm(join(folder, name), { force: true })));
  return [...old, ...left];
}

export async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
