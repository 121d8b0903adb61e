import type { ClientBase } from 'pg';
import type { Connections } from '../database/connections.ts';
import { messageOf, type OdooLog } from '../odooLog.ts';
import { cronJobs } from './jobs.ts';

export type CronRow = { id: number; cron_name: string };

/** Odoo deactivates a cron after five failures in a row over at least seven days. */
const FAILURES_TO_DEACTIVATE = 5;

/**
 * Runs one cron and notes the outcome on its row. False when the row is gone, was locked by another run, or does not
 * meet `condition` any more. A failing job is rolled back; its failure is counted, as from Odoo 18 on.
 */
export async function runCron(connections: Connections, log: OdooLog, id: number, condition: string): Promise<boolean> {
  return connections.transaction(async (client) => {
    const { rows } = await client.query<CronRow>(
      `SELECT id, cron_name FROM ir_cron WHERE id = $1 AND ${condition} FOR UPDATE SKIP LOCKED`,
      [id]
    );
    const cron = rows[0];
    if (!cron) {
      return false;
    }
    log.line('INFO', 'odoo.addons.base.models.ir_cron', `Job '${cron.cron_name}' (${cron.id}) starting`);
    const from = performance.now();
    const failure = await runJob(client, cron.cron_name);
    const seconds = ((performance.now() - from) / 1000).toFixed(3);
    if (failure === null) {
      log.line('INFO', 'odoo.addons.base.models.ir_cron', `Job '${cron.cron_name}' (${cron.id}) done in ${seconds}s`);
    } else {
      log.exception(
        'odoo.addons.base.models.ir_cron',
        `Job '${cron.cron_name}' (${cron.id}) server action failed`,
        failure
      );
    }
    await note(client, cron.id, failure === null);
    return true;
  });
}

async function runJob(client: ClientBase, name: string): Promise<Error | null> {
  const job = cronJobs.get(name);
  await client.query('SAVEPOINT job');
  try {
    if (!job) {
      throw Object.assign(new Error(`the stand-in knows no job '${name}'`), { pythonName: 'builtins.ValueError' });
    }
    await job(client);
    return null;
  } catch (error) {
    await client.query('ROLLBACK TO SAVEPOINT job');
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}

/**
 * lastcall is when it ran; nextcall goes on in whole intervals until it lies ahead, so that its time of day stays. As in Odoo,
 * one that is given up begins at 0 failures again, and write_date stays: it tells of people's changes only.
 */
async function note(client: ClientBase, id: number, succeeded: boolean): Promise<void> {
  await client.query(
    `WITH ran AS (
       SELECT clock_timestamp() AT TIME ZONE 'UTC' AS at, interval_number * ('1 ' || interval_type)::interval AS step,
              $2 OR (failure_count + 1 >= $3 AND first_failure_date < (now() AT TIME ZONE 'UTC') - interval '7 days') AS begins_anew
         FROM ir_cron WHERE id = $1
     )
     UPDATE ir_cron SET
       lastcall = ran.at,
       nextcall = CASE WHEN nextcall > ran.at THEN nextcall
         ELSE (SELECT min(due) FROM generate_series(nextcall, ran.at + step, step) AS due WHERE due > ran.at) END,
       failure_count = CASE WHEN begins_anew THEN 0 ELSE failure_count + 1 END,
       first_failure_date = CASE WHEN begins_anew THEN NULL ELSE coalesce(first_failure_date, ran.at) END,
       active = active AND ($2 OR NOT coalesce(begins_anew, false))
     FROM ran
     WHERE id = $1`,
    [id, succeeded, FAILURES_TO_DEACTIVATE]
  );
}
