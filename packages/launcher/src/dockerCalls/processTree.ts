import { readdirSync, readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

type ProcessRow = {
  pid: number;
  ppid: number;
  uid: number;
  command: string;
  cpuSeconds: number;
  /** Hundredths of a second since boot. */
  startTicks: number;
  residentKilobytes: number;
};
type Table = { Titles: string[]; Processes: string[][] };

/** The columns that `ps -eo` may be asked for here, with ps's own titles; `name=Title` gives another. */
const columns: Record<string, { title: string; of: (row: ProcessRow) => string }> = {
  pid: { title: 'PID', of: (row) => String(row.pid) },
  ppid: { title: 'PPID', of: (row) => String(row.ppid) },
  rss: { title: 'RSS', of: (row) => String(row.residentKilobytes) },
  etimes: { title: 'ELAPSED', of: (row) => String(Math.floor(uptimeSeconds() - row.startTicks / 100)) },
  args: { title: 'COMMAND', of: (row) => row.command },
};

/** Answer of `GET /containers/:id/top?ps_args=-eo …`; null when a column is asked for that is not known here. */
export function chosenColumns(rootPid: number, psArgs: string): Table | null {
  const asked =
    /^-eo (\S+)$/
      .exec(psArgs)?.[1]
      ?.split(',')
      .map((one) => one.split('=', 2)) ?? [];
  const chosen = asked.flatMap(([name = '', title]) => {
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
    return column ? [{ ...column, title: title ?? column.title }] : [];
  });
  if (chosen.length === 0 || chosen.length < asked.length) {
    return null;
  }
  return {
    Titles: chosen.map(({ title }) => title),
    Processes: descendants(rootPid).map((row) => chosen.map((column) => column.of(row))),
  };
}

/** Answer of `GET /containers/:id/top` with Docker's default columns, for a process and all that descend from it. */
export function processTable(rootPid: number): Table {
  return {
    Titles: ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'],
    Processes: descendants(rootPid).map((row) => [
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

function descendants(rootPid: number): ProcessRow[] {
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
  return rows.filter((row) => tree.has(row.pid));
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
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const numberAfter = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
    return {
      pid,
      ppid: Number(fields[1]),
      uid: numberAfter('Uid'),
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
      command,
      startTicks: Number(fields[19]),
      residentKilobytes: numberAfter('VmRSS'),
    };
  } catch {
    return null;
  }
}

function uptimeSeconds(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
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
