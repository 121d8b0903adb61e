import type { DockerConnector } from './docker.ts';

type Top = Awaited<ReturnType<DockerConnector['top']>>;

/**
 * How many processes of Odoo's container answer requests. With `workers` Odoo's main process forks them: they bear a title
 * (`odoo: WorkerHTTP 42`) where Python's setproctitle is installed, and elsewhere the main process' own command line, as do the
 * `cronWorkers` (Odoo's `max_cron_threads`). Without `workers` the one process that there is answers. Null: no process list.
 */
export function countHttpWorkers({ titles, processes }: Top, cronWorkers: number): number | null {
  const [pid, parent, command] = ['PID', 'PPID', 'CMD'].map((title) => titles.indexOf(title));
  if (pid === undefined || pid < 0 || parent === undefined || parent < 0 || command === undefined || command < 0) {
    return null;
  }
  const families = processes.map((main) => {
    const children = processes.filter((one) => one[parent] === main[pid]).map((one) => one[command] ?? '');
    return {
      titled: children.filter((title) => title.startsWith('odoo: WorkerHTTP')).length,
      forked: children.filter((line) => line === main[command]).length,
    };
  });
  const titled = Math.max(0, ...families.map((family) => family.titled));
  const forked = Math.max(0, ...families.map((family) => family.forked));
  if (titled > 0) {
    return titled;
  }
  return forked > 0 ? Math.max(0, forked - cronWorkers) : Math.min(1, processes.length);
}
