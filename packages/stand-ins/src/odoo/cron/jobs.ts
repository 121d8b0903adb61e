import type { ClientBase } from 'pg';

/** What a scheduled job does, in the transaction of its run; answers how many rows it dealt with. */
export type CronJob = (client: ClientBase) => Promise<number>;

/** By `ir_cron.cron_name`. A cron of another name fails, as one does whose code is gone. */
export const cronJobs: ReadonlyMap<string, CronJob> = new Map<string, CronJob>([
  ['Mail: Email Queue Manager', sendOutgoingMails],
  ['DFR: Register farmers from field offices', registerFarmers],
  ['DFR: Run queued jobs', runQueuedJobs],
  ['Base: Auto-vacuum internal data', vacuumInternalData],
]);

/** Mails without a usable address fail; all others count as sent. The stand-in sends nothing to anybody. */
export function sendOutgoingMails(client: ClientBase): Promise<number> {
  return change(
    client,
    `UPDATE mail_mail
        SET state = CASE WHEN email_to LIKE '%_@_%' THEN 'sent' ELSE 'exception' END,
            failure_type = CASE WHEN email_to LIKE '%_@_%' THEN NULL ELSE 'mail_email_invalid' END,
            failure_reason = CASE WHEN email_to LIKE '%_@_%' THEN NULL ELSE 'Invalid email address' END,
            write_date = now() AT TIME ZONE 'UTC'
      WHERE state = 'outgoing' AND coalesce(scheduled_date, '-infinity') <= now() AT TIME ZONE 'UTC'`
  );
}

/** The field offices register one to five farmers; each region's office is told by mail. */
async function registerFarmers(client: ClientBase): Promise<number> {
  const registered = await client.query<{ region: string }>(
    `INSERT INTO dfr_farmer (registration_number, region)
     SELECT 'DFR-' || to_char((SELECT count(*) FROM dfr_farmer) + n, 'FM0000000'),
            (ARRAY['Bo', 'Kenema', 'Makeni', 'Port Loko'])[1 + floor(random() * 4)::int]
       FROM generate_series(1, 1 + floor(random() * 5)::int) AS n
     ON CONFLICT DO NOTHING
     RETURNING region`
  );
  const regions = [...new Set(registered.rows.map((row) => row.region))];
  await client.query(
    `INSERT INTO mail_mail (email_from, email_to)
     SELECT 'registry@dfr.example', 'office.' || lower(replace(region, ' ', '')) || '@dfr.example' FROM unnest($1::text[]) AS region`,
    [regions]
  );
  await client.query(`UPDATE res_device_log SET last_activity = now() AT TIME ZONE 'UTC' WHERE NOT revoked`);
  await client.query(`UPDATE bus_presence SET last_poll = now() AT TIME ZONE 'UTC' WHERE status <> 'offline'`);
  return registered.rowCount ?? 0;
}

function runQueuedJobs(client: ClientBase): Promise<number> {
  return change(
    client,
    `UPDATE queue_job
        SET state = 'done', exc_info = NULL, date_enqueued = now() AT TIME ZONE 'UTC', date_started = now() AT TIME ZONE 'UTC',
            date_done = clock_timestamp() AT TIME ZONE 'UTC'
      WHERE state = 'pending' AND coalesce(eta, '-infinity') <= now() AT TIME ZONE 'UTC'`
  );
}

/** Deletes sent mails and finished jobs of the day before yesterday and earlier. */
async function vacuumInternalData(client: ClientBase): Promise<number> {
  const old = "< (now() AT TIME ZONE 'UTC') - interval '2 days'";
  const mails = await change(client, `DELETE FROM mail_mail WHERE state = 'sent' AND write_date ${old}`);
  return mails + (await change(client, `DELETE FROM queue_job WHERE state = 'done' AND date_done ${old}`));
}

async function change(client: ClientBase, statement: string): Promise<number> {
  return (await client.query(statement)).rowCount ?? 0;
}
