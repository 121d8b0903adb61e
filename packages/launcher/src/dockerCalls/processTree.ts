import { readdirSync, readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

type ProcessRow = { pid: number; ppid: number; uid: number; command: string; cpuSeconds: number };

/** Answer of `GET /containers/:id/top` with Docker's default columns, for a process and all that descend from it. */
export function processTable(rootPid: number): { Titles: string[]; Processes: string[][] } {
  const rows = readProcesses();
  const tree = new Set([rootPid]);
  for (let grown = true; grown;) {
    grown = false;
    for (const row of rows) {
      if (!tree.has(row.ppid) || tree.has(row.pid)) {
        continue;
      }
      tree.add(row.pid);
      grown = true;
    }
  }
  return {
    Titles: ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'],
    Processes: rows
      .filter((row) => tree.has(row.pid))
      .map((row) => [
        userName(row.uid),
        String(row.pid),
        String(row.ppid),
        '0',
        '-',
        '?',
        duration(row.cpuSeconds),
        row.command,
      ]),
  };
}

function readProcesses(): ProcessRow[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
}

function readProcess(pid: number): ProcessRow | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const uid = Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
    return { pid, ppid: Number(fields[1]), uid, cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100, command };
  } catch {
    return null;
  }
}

const names = new Map<number, string>();
function userName(uid: number): string {
  let name = names.get(uid);
  if (name === undefined) {
    name = spawnSync('id', ['-nu', String(uid)], { encoding: 'utf8' }).stdout?.trim() || String(uid);
    names.set(uid, name);
  }
  return name;
}

function duration(seconds: number): string {
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
