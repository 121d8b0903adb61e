import { readFileSync, realpathSync } from 'node:fs';
import type { NginxFiles } from '../config.ts';
import { holdsOpen, readProcess, readProcesses, type KernelProcess } from './kernel.ts';

const WORKER = 'nginx: worker process';
const MASTER = 'nginx: master process';

export interface NginxProcesses {
  master: KernelProcess | null;
  /** Workers of the master that take new connections: those that are shutting down are left out. */
  workers: KernelProcess[];
}

/** The master that the pid file names, if it lives and is an nginx, and its workers. */
export function readNginxProcesses(pidFile: string): NginxProcesses {
  const master = readMaster(pidFile);
  const workers = master ? readProcesses().filter((one) => one.parent === master.pid && one.title === WORKER) : [];
  return { master, workers };
}

function readMaster(pidFile: string): KernelProcess | null {
  let text = '';
  try {
    text = readFileSync(pidFile, 'utf8').trim();
  } catch {
    return null;
  }
  // `nginx -t` leaves an empty pid file where there was none.
  const found = /^\d+$/.test(text) ? readProcess(Number(text)) : null;
  // After a crash another program may have got that number.
  return found?.title.startsWith(MASTER) ? found : null;
}

/**
 * Workers that a killed master left behind. They go on serving and hold the ports, so that a new nginx cannot bind
 * them. Told from the workers of another nginx by our error log, which they hold open.
 */
export function readOrphanWorkers(files: NginxFiles): KernelProcess[] {
  const all = readProcesses();
  const masters = new Set(all.filter((one) => one.title.startsWith(MASTER)).map((one) => one.pid));
  const log = realpathOrSame(files.errorLog);
  return all.filter((one) => one.title.startsWith(WORKER) && !masters.has(one.parent) && holdsOpen(one.pid, log));
}

function realpathOrSame(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
