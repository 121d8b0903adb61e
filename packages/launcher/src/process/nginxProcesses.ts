import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { identityOf, type ProcessIdentity } from './identity.ts';

/**
 * Every master and worker of the Nginx that writes this error log, whoever started it: one that the agent started is
 * not our child, and workers of a master that was killed have no parent left.
 */
export function nginxProcesses(errorLog: string): ProcessIdentity[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isNginx(name) && holdsOpen(name, errorLog))
    .flatMap((name) => identityOf(Number(name)) ?? []);
}

function isNginx(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('nginx: ');
  } catch {
    return false;
  }
}

function holdsOpen(pid: string, path: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => linkOf(`/proc/${pid}/fd/${fd}`) === path);
  } catch {
    return false;
  }
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
