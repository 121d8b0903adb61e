import { rename, stat } from 'node:fs/promises';
import type { NginxFiles } from '../config.ts';
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
