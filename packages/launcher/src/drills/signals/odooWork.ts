import type { Cause } from './cause.ts';

const mark = 'drill';

const insertions = [
  `INSERT INTO mail_mail (email_from, email_to, state, scheduled_date)
   SELECT 'registry@dfr.example', '${mark}@dfr.example', state, (now() AT TIME ZONE 'UTC') + interval '1 hour'
   FROM unnest(ARRAY['outgoing', 'sent', 'exception', 'cancel', 'received']) AS state, generate_series(1, 60)`,
  `INSERT INTO queue_job (uuid, name, model_name, method_name, state, date_created, date_enqueued, date_started, date_done)
   SELECT '${mark}-' || state || n, 'Drill', 'dfr.farmer', 'drill', state, at.ago, at.ago, at.ago, at.ago
   FROM unnest(ARRAY['wait_dependencies', 'enqueued', 'started', 'done', 'cancelled', 'failed']) AS state,
        generate_series(1, 8) AS n, (SELECT (now() AT TIME ZONE 'UTC') - interval '1 hour' AS ago) AS at`,
  `INSERT INTO queue_job (uuid, name, state, date_created, eta)
   SELECT '${mark}-pending' || n, 'Drill', 'pending', ago, ago
   FROM generate_series(1, 8) AS n, (SELECT (now() AT TIME ZONE 'UTC') - interval '1 hour' AS ago) AS at`,
  `INSERT INTO ir_module_module (name, state) SELECT '${mark}_' || n, state
   FROM unnest(ARRAY['to install', 'to upgrade', 'to remove']) WITH ORDINALITY AS m (state, n)`,
  `INSERT INTO ir_cron (cron_name, user_id, interval_type, nextcall, failure_count)
   VALUES ('${mark}: late', 1, 'minutes', (now() AT TIME ZONE 'UTC') - interval '10 min', 0),
          ('${mark}: failing', 1, 'days', (now() AT TIME ZONE 'UTC') + interval '1 day', 4)`,
  // As Odoo leaves one that it has switched off: the run is noted, its own change is not.
  `INSERT INTO ir_cron (cron_name, user_id, active, interval_type, nextcall, lastcall, write_date)
   VALUES ('${mark}: off', 1, false, 'minutes', now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC',
           (now() AT TIME ZONE 'UTC') - interval '1 day')`,
  `INSERT INTO dfr_farmer (registration_number, region) SELECT '${mark}-' || n, 'Bo' FROM generate_series(1, 25) AS n`,
  `INSERT INTO res_users (login) SELECT '${mark}.' || n FROM generate_series(1, 3) AS n`,
  `INSERT INTO res_users_log (create_uid) SELECT id FROM res_users WHERE login LIKE '${mark}.%'`,
  `INSERT INTO res_device_log (session_identifier, user_id, first_activity, last_activity)
   SELECT login, id, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC' FROM res_users WHERE login LIKE '${mark}.%'`,
  `INSERT INTO bus_presence (user_id, last_poll, last_presence, status)
   SELECT id, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC', 'online' FROM res_users WHERE login LIKE '${mark}.%'`,
  `INSERT INTO ir_attachment (name, store_fname, checksum, file_size) VALUES ('${mark}', '${mark}', '${mark}', 1000000)`,
];

const removals = [
  `DELETE FROM mail_mail WHERE email_to = '${mark}@dfr.example'`,
  `DELETE FROM queue_job WHERE uuid LIKE '${mark}-%'`,
  `DELETE FROM ir_module_module WHERE name LIKE '${mark}\\_%'`,
  `DELETE FROM ir_cron WHERE cron_name LIKE '${mark}: %'`,
  `DELETE FROM dfr_farmer WHERE registration_number LIKE '${mark}-%'`,
  `DELETE FROM res_users_log WHERE create_uid IN (SELECT id FROM res_users WHERE login LIKE '${mark}.%')`,
  // Takes its device and its presence along.
  `DELETE FROM res_users WHERE login LIKE '${mark}.%'`,
  `DELETE FROM ir_attachment WHERE name = '${mark}'`,
];

/** Odoo's work, as rows of its tables: mails and jobs of each state, late, failing and given-up crons, people at work. */
export const odooWork: Cause = {
  name: "rows of Odoo's work",
  async begin(reach, undo) {
    const client = await reach.connect('odoo', undo);
    undo.push(async () => {
      for (const sql of removals) {
        await client.query(sql);
      }
    });
    for (const sql of [...removals, ...insertions]) {
      await client.query(sql);
    }
  },
  seen: [
    'odoo_mail_queue{state="exception"} > 59',
    'odoo_jobs{state="failed"} > 7',
    'odoo_jobs{state="started"} > 7',
    'odoo_modules_pending > 0',
    'odoo_cron_overdue_seconds{cron=~"drill.*"} > 60',
    'odoo_cron_deactivated{cron=~"drill.*"}',
    'changes(dfr_active_farmers_total[30s])',
    'changes(odoo_users[30s])',
  ],
};
