import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that cannot be mistaken for a later one with the same number: `startTime` is in clock ticks since boot. */
export type ProcessIdentity = { pid: number; startTime: number };

/** Reads when a process was started from /proc (field 22 of stat); null when there is none, or a zombie. */
export function startTimeOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name is in parentheses and may hold spaces and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') {
      return null;
    }
    return Number(fields[19]);
  } catch {
    return null;
  }
}

export function identityOf(pid: number): ProcessIdentity | null {
  const startTime = startTimeOf(pid);
  return startTime === null ? null : { pid, startTime };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return startTimeOf(identity.pid) === identity.startTime;
}

/** Sends a signal to exactly this process. False when it is gone. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) {
    return false;
  }
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Reads a pid file, and takes its process only if its command line or working folder names `mark` (else the file is stale). */
export function identityFromPidFile(path: string, mark: string): ProcessIdentity | null {
  try {
    const pid = Number(readFileSync(path, 'utf8').split('\n')[0]?.trim());
    if (!Number.isInteger(pid) || pid < 2) {
      return null;
    }
    const identity = identityOf(pid);
    return identity && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mark) ? identity : null;
  } catch {
    return null;
  }
}

/** Asks processes to end (TERM), kills those that are left after their grace, and resolves when all are gone. */
export async function endProcesses(identities: readonly ProcessIdentity[], graceSeconds: number): Promise<void> {
  identities.forEach((one) => signalProcess(one, 'SIGTERM'));
  const deadline = Date.now() + graceSeconds * 1000;
  while (Date.now() < deadline && identities.some(isAlive)) {
    await sleep(50);
  }
  identities.forEach((one) => signalProcess(one, 'SIGKILL'));
  while (identities.some(isAlive)) {
    await sleep(20);
  }
}
