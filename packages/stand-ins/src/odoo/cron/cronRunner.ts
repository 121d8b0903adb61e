import { setTimeout as sleep } from 'node:timers/promises';
import type { Connections } from '../database/connections.ts';
import { messageOf, type OdooLog } from '../odooLog.ts';
import { runCron } from './runCron.ts';

const DUE = "active AND nextcall <= now() AT TIME ZONE 'UTC'";

export interface CronRunner {
  stop(): Promise<void>;
}

/** Looks for due crons every `seconds`, as Odoo's cron thread does, and runs them one after the other. */
export function startCronRunner(connections: Connections, log: OdooLog, seconds: number): CronRunner {
  const stopping = new AbortController();
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      await runDueCrons(connections, log, stopping.signal).catch((error) =>
        log.exception('odoo.addons.base.models.ir_cron', `Cannot look for due crons: ${messageOf(error)}`, error)
      );
      await sleep(seconds * 1000, undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}

/** Runs what is due now; answers how many ran. While a module waits to be installed or upgraded, none does. */
export async function runDueCrons(connections: Connections, log: OdooLog, stopping?: AbortSignal): Promise<number> {
  const pending = await connections.query<{ name: string }>(
    "SELECT name FROM ir_module_module WHERE state LIKE 'to %'"
  );
  if (pending.length > 0) {
    const names = pending.map((row) => row.name).join(', ');
    log.line(
      'WARNING',
      'odoo.addons.base.models.ir_cron',
      `Skipping the crons because of modules to install/upgrade/remove: ${names}`
    );
    return 0;
  }
  const due = await connections.query<{ id: number }>(
    `SELECT id FROM ir_cron WHERE ${DUE} ORDER BY failure_count, priority, id`
  );
  let ran = 0;
  for (const { id } of due) {
    if (!stopping?.aborted && (await runCron(connections, log, id, DUE))) {
      ran += 1;
    }
  }
  return ran;
}
