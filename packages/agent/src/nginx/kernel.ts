import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A process as /proc shows it. */
export interface KernelProcess {
  pid: number;
  parent: number;
  /** Its title; nginx writes its part into it, e.g. `nginx: worker process`. */
  title: string;
  /** Unix time in ms, exact to the kernel's tick of 10 ms. */
  startedAt: number;
}

// The kernel counts in ticks of 1/100 s towards programs, on every architecture that Node runs on.
const TICK_MS = 10;
// Taken once: two calls must never give one process two start times.
const bootedAt = Date.now() - Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;

/** The process with this id; null when there is none, or when it has ended and only waits to be collected. */
export function readProcess(pid: number): KernelProcess | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in brackets and may hold anything; what follows the last one is plain.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') {
      return null;
    }
    const title = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { pid, parent: Number(fields[1]), title, startedAt: bootedAt + Number(fields[19]) * TICK_MS };
  } catch {
    return null;
  }
}

export function readProcesses(): KernelProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => readProcess(Number(pid)))
    .filter((process) => process !== null);
}

/** Whether the process holds this file open. False, too, for processes of users whom we may not look at. */
export function holdsOpen(pid: number, path: string): boolean {
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).some((fd) => readlinkOrNull(`${folder}/${fd}`) === path);
  } catch {
    return false;
  }
}

function readlinkOrNull(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
