-- The tables of Odoo 18 that DFR Ops looks at or mends, with the columns that Odoo gives them. Times are UTC without a
-- zone, as Odoo keeps them. May be run again: what is there stays.

CREATE TABLE IF NOT EXISTS res_users (
  id serial PRIMARY KEY,
  login varchar NOT NULL UNIQUE,
  active boolean DEFAULT true,
  share boolean DEFAULT false,
  create_date timestamp DEFAULT (now() AT TIME ZONE 'UTC'),
  write_date timestamp DEFAULT (now() AT TIME ZONE 'UTC')
);

CREATE TABLE IF NOT EXISTS res_device_log (
  id serial PRIMARY KEY,
  session_identifier varchar NOT NULL,
  platform varchar,
  browser varchar,
  ip_address varchar,
  device_type varchar,
  user_id int REFERENCES res_users ON DELETE CASCADE,
  first_activity timestamp,
  last_activity timestamp,
  revoked boolean DEFAULT false
);

CREATE TABLE IF NOT EXISTS res_users_log (
  id serial PRIMARY KEY,
  create_uid int,
  create_date timestamp DEFAULT (now() AT TIME ZONE 'UTC')
);

CREATE TABLE IF NOT EXISTS bus_presence (
  id serial PRIMARY KEY,
  user_id int REFERENCES res_users ON DELETE CASCADE,
  last_poll timestamp,
  last_presence timestamp,
  status varchar DEFAULT 'offline' CHECK (status IN ('online', 'away', 'offline'))
);
CREATE UNIQUE INDEX IF NOT EXISTS bus_presence_user_unique ON bus_presence (user_id);

CREATE TABLE IF NOT EXISTS ir_module_module (
  id serial PRIMARY KEY,
  name varchar NOT NULL UNIQUE,
  state varchar,
  latest_version varchar
);

CREATE TABLE IF NOT EXISTS ir_cron (
  id serial PRIMARY KEY,
  cron_name varchar,
  user_id int NOT NULL REFERENCES res_users,
  active boolean DEFAULT true,
  interval_number int NOT NULL DEFAULT 1,
  interval_type varchar NOT NULL CHECK (interval_type IN ('minutes', 'hours', 'days', 'weeks', 'months')),
  nextcall timestamp NOT NULL,
  lastcall timestamp,
  priority int DEFAULT 5,
  failure_count int DEFAULT 0,
  first_failure_date timestamp,
  create_date timestamp DEFAULT (now() AT TIME ZONE 'UTC'),
  write_date timestamp DEFAULT (now() AT TIME ZONE 'UTC')
);

-- What a record is called where code names it.
CREATE TABLE IF NOT EXISTS ir_model_data (
  id serial PRIMARY KEY,
  module varchar NOT NULL,
  name varchar NOT NULL,
  model varchar NOT NULL,
  res_id int,
  UNIQUE (module, name)
);

CREATE TABLE IF NOT EXISTS mail_mail (
  id serial PRIMARY KEY,
  email_from varchar,
  email_to text,
  state varchar DEFAULT 'outgoing' CHECK (state IN ('outgoing', 'sent', 'received', 'exception', 'cancel')),
  failure_type varchar,
  failure_reason text,
  scheduled_date timestamp,
  create_date timestamp DEFAULT (now() AT TIME ZONE 'UTC'),
  write_date timestamp DEFAULT (now() AT TIME ZONE 'UTC')
);
CREATE INDEX IF NOT EXISTS mail_mail_state ON mail_mail (state);

CREATE TABLE IF NOT EXISTS queue_job (
  id serial PRIMARY KEY,
  uuid varchar NOT NULL UNIQUE DEFAULT gen_random_uuid()::text,
  name varchar,
  model_name varchar,
  method_name varchar,
  channel varchar DEFAULT 'root',
  state varchar NOT NULL DEFAULT 'pending'
    CHECK (state IN ('wait_dependencies', 'pending', 'enqueued', 'started', 'done', 'cancelled', 'failed')),
  retry int DEFAULT 0,
  max_retries int DEFAULT 5,
  exc_info text,
  user_id int REFERENCES res_users,
  date_created timestamp DEFAULT (now() AT TIME ZONE 'UTC'),
  date_enqueued timestamp,
  date_started timestamp,
  date_done timestamp,
  eta timestamp
);
-- Tables of an earlier version have no eta.
ALTER TABLE queue_job ADD COLUMN IF NOT EXISTS eta timestamp;

CREATE TABLE IF NOT EXISTS ir_attachment (
  id serial PRIMARY KEY,
  name varchar NOT NULL,
  res_model varchar,
  store_fname varchar,
  checksum varchar(40),
  file_size int,
  create_date timestamp DEFAULT (now() AT TIME ZONE 'UTC')
);

CREATE TABLE IF NOT EXISTS dfr_farmer (
  id serial PRIMARY KEY,
  registration_number varchar NOT NULL UNIQUE,
  region varchar,
  active boolean DEFAULT true,
  create_date timestamp DEFAULT (now() AT TIME ZONE 'UTC')
);
