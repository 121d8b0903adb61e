import type { OdooLog } from './odooLog.ts';

/** Writes what this process does as Odoo's dump of its threads: JavaScript has one thread, so what is under way stands below it. */
export function dumpStacks(log: OdooLog): void {
  const frames = (new Error().stack ?? '')
    .split('\n')
    .slice(1)
    .map((frame) => `File: ${frame.trim().replace(/^at /, '')}`);
  const waiting = process.getActiveResourcesInfo().map((resource) => `  waits for ${resource}`);
  const thread = `# Thread: <_MainThread(MainThread, started ${process.pid})> (db:n/a) (uid:n/a) (url:n/a) (qc:n/a qt:n/a pt:n/a)`;
  log.line('INFO', 'odoo.tools.misc', ['', thread, ...frames, ...waiting].join('\n'));
}
