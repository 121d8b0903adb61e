-- Invented data to begin with. May be run again: a row that is there, or was changed or disabled since, stays as it is.

INSERT INTO res_users (id, login, active, share) VALUES
  (1, '__system__', false, false),
  (6, 'registrar.bo', true, false),
  (7, 'registrar.kenema', true, false),
  (8, 'registrar.makeni', true, false),
  (9, 'extension.officer', true, false)
ON CONFLICT DO NOTHING;

INSERT INTO ir_module_module (name, state, latest_version) VALUES
  ('base', 'installed', '18.0.1.3'),
  ('web', 'installed', '18.0.1.0'),
  ('mail', 'installed', '18.0.1.18'),
  ('queue_job', 'installed', '18.0.2.0.6'),
  ('dfr_registry', 'installed', '18.0.1.0.0')
ON CONFLICT DO NOTHING;

INSERT INTO res_device_log (session_identifier, platform, browser, ip_address, device_type, user_id, first_activity, last_activity)
SELECT 'seed-' || u.id, 'linux', 'firefox', '192.0.2.' || u.id, 'computer', u.id, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
  FROM res_users u
 WHERE u.id >= 6 AND NOT EXISTS (SELECT FROM res_device_log d WHERE d.session_identifier = 'seed-' || u.id);

INSERT INTO res_users_log (create_uid, create_date)
SELECT u.id, (now() AT TIME ZONE 'UTC') - u.id * interval '1 hour'
  FROM res_users u
 WHERE u.id >= 6 AND NOT EXISTS (SELECT FROM res_users_log);

INSERT INTO bus_presence (user_id, last_poll, last_presence, status)
SELECT u.id, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC', 'online' FROM res_users u WHERE u.id >= 6
ON CONFLICT DO NOTHING;

-- A file is kept under the checksum of its content.
INSERT INTO ir_attachment (name, res_model, store_fname, checksum, file_size)
SELECT 'register-' || n || '.csv', 'dfr.farmer', left(sum, 2) || '/' || sum, sum, 40000 + 1000 * n
  FROM generate_series(1, 20) AS n, LATERAL md5('register ' || n) AS sum
 WHERE NOT EXISTS (SELECT FROM ir_attachment);

INSERT INTO ir_cron (cron_name, user_id, interval_number, interval_type, nextcall, priority)
SELECT c.cron_name, 1, c.interval_number, c.interval_type, now() AT TIME ZONE 'UTC', c.priority
  FROM (VALUES
    ('Mail: Email Queue Manager', 1, 'minutes', 6),
    ('DFR: Register farmers from field offices', 1, 'minutes', 5),
    ('DFR: Run queued jobs', 1, 'minutes', 5),
    ('Base: Auto-vacuum internal data', 1, 'days', 3)
  ) AS c (cron_name, interval_number, interval_type, priority)
 WHERE NOT EXISTS (SELECT FROM ir_cron WHERE ir_cron.cron_name = c.cron_name);

INSERT INTO ir_model_data (module, name, model, res_id)
SELECT 'mail', 'ir_cron_mail_scheduler_action', 'ir.cron', id FROM ir_cron WHERE cron_name = 'Mail: Email Queue Manager' LIMIT 1
ON CONFLICT DO NOTHING;

INSERT INTO dfr_farmer (registration_number, region, create_date)
SELECT 'DFR-' || to_char(n, 'FM0000000'), (ARRAY['Bo', 'Kenema', 'Makeni', 'Port Loko'])[1 + n % 4],
       (now() AT TIME ZONE 'UTC') - n * interval '1 minute'
  FROM generate_series(1, 2400) AS n
 WHERE NOT EXISTS (SELECT FROM dfr_farmer);

INSERT INTO mail_mail (email_from, email_to, state, failure_type, failure_reason)
SELECT 'registry@dfr.example', m.email_to, m.state, m.failure_type, m.failure_reason
  FROM (VALUES
    ('office.bo@dfr.example', 'sent', NULL, NULL),
    ('office.kenema@dfr.example', 'sent', NULL, NULL),
    ('office.makeni@dfr.example', 'exception', 'mail_smtp', 'Connection to the mail server timed out')
  ) AS m (email_to, state, failure_type, failure_reason)
 WHERE NOT EXISTS (SELECT FROM mail_mail);

INSERT INTO queue_job (name, model_name, method_name, channel, state, date_done, exc_info)
SELECT j.name, 'dfr.farmer', j.method_name, 'root.dfr', j.state, CASE j.state WHEN 'done' THEN now() AT TIME ZONE 'UTC' END, j.exc_info
  FROM (VALUES
    ('Import of field register Bo', 'import_register', 'done', NULL),
    ('Import of field register Kenema', 'import_register', 'failed', 'ValueError: the file of the register is empty')
  ) AS j (name, method_name, state, exc_info)
 WHERE NOT EXISTS (SELECT FROM queue_job);
