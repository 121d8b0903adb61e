import { chownSync, statSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/** Who may log in to the console: the hash of each person's password by name. */
export type Passwords = Record<string, string>;

export const nameForm = /^[a-z][a-z0-9._-]{0,31}$/;

/** Empty while no password was ever set. Throws with the file's name when it cannot be read or understood. */
export async function readPasswords(file: string): Promise<Passwords> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return {};
    }
    throw error;
  }
  const read = parsed(text) as { version?: unknown; people?: Passwords } | null;
  const people = read?.version === 1 ? read.people : null;
  if (!people || !Object.values(people).every((hash) => typeof hash === 'string')) {
    throw new Error(`${file} does not hold the console's passwords. Set them anew with npm run console -- passwd.`);
  }
  return people;
}

/** Writes the file whole or not at all, 0600, for the owner of its folder (root may prepare it for a container). */
export async function writePasswords(file: string, people: Passwords): Promise<void> {
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}.new`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify({ version: 1, people }, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (process.getuid?.() === 0) {
      const { uid, gid } = await stat(folder);
      chownSync(temporary, uid, gid);
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Changes whenever the file does: whoever logged in before is to do it again. */
export function stampOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false, bigint: true });
  return found ? `${found.ino}-${found.mtimeNs}` : 'none';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
