import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartProblem } from '../problem.ts';
import { identityOf, isAlive, type ProcessIdentity } from '../process/identity.ts';

/** Takes the data folder for this launcher. Refuses when another one that lives holds it; a dead one's lock is taken over. */
export function lockData(dataDir: string): { release(): void } {
  const path = join(dataDir, 'lock');
  const mine = identityOf(process.pid);
  if (!mine) {
    throw new StartProblem(
      'data folder',
      '/proc cannot be read',
      'Mount /proc: the launcher tells processes apart with it.'
    );
  }
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(path, JSON.stringify(mine), { flag: 'wx', mode: 0o600 });
      return { release: () => rmSync(path, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw error;
      }
    }
    const holder = readHolder(path);
    if (holder && isAlive(holder)) {
      throw new StartProblem(
        'data folder',
        `another launcher (process ${holder.pid}) is running on ${dataDir}`,
        `Stop it first (Ctrl-C there, or kill ${holder.pid}), or choose another folder and ports: --data DIR --port-base auto.`
      );
    }
    rmSync(path, { force: true });
  }
  throw new StartProblem('data folder', `${path} changes hands right now`, 'Start again in a moment.');
}

function readHolder(path: string): ProcessIdentity | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
  } catch {
    return null;
  }
}
