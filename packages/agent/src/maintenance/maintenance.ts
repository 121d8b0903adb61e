import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AgentAnswer } from '@dfr-ops/contracts';
import type { Outcome } from '../nginx/outcome.ts';

export type Maintenance = NonNullable<AgentAnswer['maintenance']>;

/**
 * Nginx looks for the flag at each request, so that no reload is needed. The flag holds when it ends: whoever reads it
 * after a restart knows as much as before. One that was made by hand holds nothing and stays until it is taken away.
 */
export async function readMaintenance(flag: string): Promise<Maintenance> {
  const text = await readFile(flag, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return null;
    }
    throw error;
  });
  if (text === null) {
    return { on: false, until: null };
  }
  const until = new Date(text.trim());
  return { on: true, until: Number.isNaN(until.getTime()) ? null : until.toISOString() };
}

/** Sets the flag for so many seconds from now, also when it is set already. */
export async function beginMaintenance(flag: string, seconds: number): Promise<Outcome> {
  const until = new Date(Date.now() + seconds * 1000).toISOString();
  const temporary = join(dirname(flag), `.maintenance.${process.pid}.new`);
  const file = await open(temporary, 'w', 0o644);
  try {
    await file.writeFile(`${until}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, flag);
  return { ok: true, output: `The maintenance page is shown until ${until}, or until it is taken off.` };
}

export async function endMaintenance(flag: string): Promise<Outcome> {
  await rm(flag, { force: true });
  return { ok: true, output: 'The maintenance page is off.' };
}

/** Takes the flag away when its time is up. Answers whether it did. */
export async function endDueMaintenance(flag: string): Promise<boolean> {
  if (!isOver(await readMaintenance(flag))) {
    return false;
  }
  await endMaintenance(flag);
  return true;
}

export function isOver({ until }: Maintenance): boolean {
  return until !== null && Date.parse(until) <= Date.now();
}
