import { rename, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { AgentLog } from '@dfr-ops/contracts';
import type { NginxFiles } from '../config.ts';
import type { Outcome } from './outcome.ts';
import { readNginxProcesses } from './processes.ts';

/**
 * Puts each log that has outgrown the limit aside as `<name>.1`, in the place of the one before, and has Nginx open new
 * ones (USR1). What reads them follows: mtail and tail -F look for a new file of the name. Answers what it put aside.
 */
export async function rotateLogs(files: NginxFiles, logs: readonly string[], limitBytes: number): Promise<string[]> {
  const grown: string[] = [];
  for (const log of logs) {
    const size = await stat(log).then(
      (found) => found.size,
      () => 0
    );
    if (size > limitBytes) {
      await rename(log, `${log}.1`);
      grown.push(log);
    }
  }
  const { master } = readNginxProcesses(files.pidFile);
  if (grown.length > 0 && master) {
    process.kill(master.pid, 'SIGUSR1');
  }
  return grown;
}

/** The logs that nginx writes here. */
export function logsOf({ errorLog, accessLog }: NginxFiles): string[] {
  return [errorLog, ...(accessLog === null ? [] : [accessLog])];
}

/** How the logs lie there now; those that are not there are left out. */
export async function readLogs(files: NginxFiles): Promise<AgentLog[]> {
  const found = await Promise.all(
    logsOf(files).map((log) =>
      stat(log).then(
        ({ ino, size }) => [{ name: basename(log), inode: ino, bytes: size }],
        () => []
      )
    )
  );
  return found.flat();
}

/** Puts every log aside that holds anything. Refused while nginx does not run: nobody would write new ones. */
export async function rotateAllLogs(files: NginxFiles): Promise<Outcome> {
  if (!readNginxProcesses(files.pidFile).master) {
    return { ok: false, output: 'Nginx does not run, so nobody would write new logs. Start it first.' };
  }
  const aside = await rotateLogs(files, logsOf(files), 0);
  const names = aside.map((log) => `${basename(log)} is ${basename(log)}.1 now`).join(', ');
  return { ok: true, output: names === '' ? 'The logs are empty: none was put aside.' : `${names}.` };
}
