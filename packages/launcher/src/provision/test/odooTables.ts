/** Tables of Odoo as far as dfr-monitor.sql reads them, with the columns that each version gives them. Times are UTC. */

const shared = `
  CREATE TABLE mail_mail (id serial, state text);
  CREATE TABLE res_users (id serial, active bool);
  CREATE TABLE res_users_log (id serial, create_uid int, create_date timestamp);
  CREATE TABLE ir_module_module (id serial, name text, state text);
  CREATE TABLE ir_config_parameter (id serial, key text, value text);
  CREATE TABLE ir_attachment (id serial, store_fname text, checksum text, file_size int);
`;
const presence = (name: string) =>
  `CREATE TABLE ${name} (id serial, user_id int, last_poll timestamp, last_presence timestamp, status text);`;

/** Counts no failures, knows no devices. Odoo 17 ends a cron that has made its `numbercall` calls. */
export const odoo17 = `${shared}
  CREATE TABLE ir_cron (id serial, cron_name text, active bool DEFAULT true, numbercall int DEFAULT -1, nextcall timestamp,
    lastcall timestamp, write_date timestamp);
  ${presence('bus_presence')}
`;

const cronsFrom18 = `
  CREATE TABLE ir_cron (id serial, cron_name text, active bool DEFAULT true, nextcall timestamp, lastcall timestamp,
    failure_count int DEFAULT 0, first_failure_date timestamp, write_date timestamp);
  CREATE TABLE ir_cron_progress (id serial, cron_id int, remaining int, done int, deactivate bool, timed_out_counter int);
  CREATE TABLE res_device_log (id serial, session_identifier text, user_id int, last_activity timestamp, revoked bool);
`;
export const odoo18 = `${shared}${cronsFrom18}${presence('bus_presence')}`;
export const odoo19 = `${shared}${cronsFrom18}${presence('mail_presence')}`;

/** Of the module queue_job. */
export const queueJob = `
  CREATE TABLE queue_job (id serial, state text, date_created timestamp, date_enqueued timestamp, date_started timestamp, eta timestamp);
`;

/** Of DFR's own module. */
export const dfrRegistry = 'CREATE TABLE dfr_farmer (id serial, active bool);';
