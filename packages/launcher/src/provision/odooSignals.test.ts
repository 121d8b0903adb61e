import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { parse } from 'yaml';
import { makeScratchPostgres, type ScratchPostgres } from '../../../stand-ins/src/test/scratchPostgres.ts';
import { renderProvisioning } from './render.ts';
import { dfrRegistry, odoo17, odoo18, odoo19, queueJob } from './test/odooTables.ts';

const missing = globSync('/usr/lib/postgresql/*/bin').length === 0 ? 'not run: PostgreSQL is not installed' : false;
const folder = await mkdtemp(join(tmpdir(), 'dfr-signals-'));
after(() => rm(folder, { recursive: true, force: true }));

const utc = (ago: string) => `(now() AT TIME ZONE 'UTC') - interval '${ago}'`;
type Row = Record<string, unknown>;

describe('the queries on Odoo’s tables', { skip: missing }, () => {
  let queries: Array<{ name: string; query: string; labels?: string[]; values: string[] }> = [];
  let sql = '';
  let cluster: ScratchPostgres;

  before(async () => {
    await renderProvisioning({ profile: 'production', out: folder });
    const config = parse(await readFile(join(folder, 'sql-exporter/config.yml'), 'utf8'));
    const jobs = config.jobs as Array<{ name: string; queries: typeof queries }>;
    queries = jobs.filter(({ name }) => name !== 'postgresql').flatMap((job) => job.queries);
    sql = await readFile(join(folder, 'postgres/dfr-monitor.sql'), 'utf8');
    cluster = await makeScratchPostgres(30);
    await run('dfr', 'CREATE ROLE stranger LOGIN');
    for (const name of ['empty', 'v17', 'v18', 'v19', 'bare']) {
      await run('dfr', `CREATE DATABASE ${name}`);
      await run(name, sql);
    }
    await run('v17', odoo17);
    await run('v18', `${odoo18}${queueJob}${dfrRegistry}`);
    await run('v19', odoo19);
  });
  after(() => cluster.remove());

  async function run(database: string, statement: string, user = 'postgres'): Promise<Row[]> {
    const url = cluster.url.replace('odoo@', `${user}@`).replace(/\/dfr$/, `/${database}`);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const answer = await client.query(statement).finally(() => client.end());
    return answer.rows as Row[];
  }
  /** As the exporter reads it. */
  function read(database: string, name: string): Promise<Row[]> {
    const found = queries.find((one) => one.name === name) ?? assert.fail(name);
    return run(database, found.query, 'dfr_monitor');
  }
  /** As one object: the label's values and what was counted for them. */
  async function readByLabel(database: string, name: string): Promise<Row> {
    const rows = await read(database, name);
    return Object.fromEntries(rows.map((row) => Object.values(row)));
  }

  test('tables that do not exist give no rows, and only the time of reading', async () => {
    for (const { name } of queries) {
      const rows = await read('empty', name);
      assert.equal(rows.length, name === 'odoo_signals_read_timestamp_seconds' ? 1 : 0, name);
    }
  });

  test('tables without the columns give no rows either', async () => {
    const names =
      'ir_cron mail_mail res_users res_users_log ir_module_module ir_attachment bus_presence mail_presence res_device_log queue_job';
    await run('bare', names.replaceAll(/\w+/g, 'CREATE TABLE $& (name text);'));
    for (const { name } of queries) {
      const rows = await read('bare', name);
      assert.equal(rows.length, name === 'odoo_signals_read_timestamp_seconds' ? 1 : 0, name);
    }
  });

  test('tables that came after the SQL was run are seen; running it again changes nothing', async () => {
    await run(
      'v17',
      `INSERT INTO ir_cron (cron_name, active, nextcall) VALUES
        ('Late', true, ${utc('10 min')}), ('Early', true, ${utc('-10 min')}), ('Off', false, '2020-01-01')`
    );
    await run('v17', sql);
    const crons = await readByLabel('v17', 'odoo_cron_overdue_seconds');
    assert.deepEqual(Object.keys(crons).sort(), ['Early (2)', 'Late (1)']);
    assert.ok(Number(crons['Late (1)']) >= 600 && Number(crons['Late (1)']) < 660, String(crons['Late (1)']));
    assert.equal(crons['Early (2)'], 0);
  });

  test('mails are counted by state, 0 too; users are those who may log in', async () => {
    for (const database of ['v17', 'v18', 'v19']) {
      await run(database, "INSERT INTO mail_mail (state) VALUES ('sent'), ('sent'), ('exception')");
      await run(database, 'INSERT INTO res_users (active) VALUES (true), (false)');
      const mails = await readByLabel(database, 'odoo_mail_queue');
      assert.deepEqual(mails, { outgoing: 0, sent: 2, received: 0, exception: 1, cancel: 0 });
      assert.deepEqual(await read(database, 'odoo_users'), [{ users: 1 }]);
    }
  });

  test('failures of crons are known from 18 on', async () => {
    assert.deepEqual(await read('v17', 'odoo_cron_failures'), []);
    for (const database of ['v18', 'v19']) {
      await run(
        database,
        `INSERT INTO ir_cron (cron_name, nextcall, failure_count) VALUES ('Well', now(), NULL), ('Ill', now(), 4)`
      );
      assert.deepEqual(await readByLabel(database, 'odoo_cron_failures'), { 'Well (1)': 0, 'Ill (2)': 4 });
    }
  });

  test('a cron that Odoo switched off is told from one that a person switched off, or that ended itself', async () => {
    const ran = utc('1 hour');
    await run(
      'v18',
      `INSERT INTO ir_cron (id, cron_name, active, nextcall, lastcall, write_date) VALUES
        (11, 'Given up', false, now(), ${ran}, ${utc('9 days')}),
        (12, 'By a person', false, now(), ${ran}, ${utc('30 min')}),
        (13, 'Ended itself', false, now(), ${ran}, ${utc('9 days')}),
        (14, 'Never run', false, now(), NULL, ${utc('9 days')}),
        (15, 'At work', true, now(), ${ran}, ${utc('9 days')});
      INSERT INTO ir_cron_progress (cron_id, deactivate) VALUES (11, true), (11, false), (13, false), (13, true)`
    );
    assert.deepEqual(await readByLabel('v18', 'odoo_cron_deactivated'), { 'Given up (11)': 1 });
    await run('v18', "INSERT INTO ir_config_parameter (key, value) VALUES ('database.is_neutralized', 'true')");
    assert.deepEqual(await read('v18', 'odoo_cron_deactivated'), [], 'a neutralized copy runs no crons on purpose');
    await run('v18', 'DELETE FROM ir_config_parameter');
    await run('v17', `INSERT INTO ir_cron (active, lastcall, write_date) VALUES (false, now(), ${utc('9 days')})`);
    assert.deepEqual(
      await read('v17', 'odoo_cron_deactivated'),
      [],
      '17 switches crons off when they have done their calls'
    );
  });

  test('jobs and their ages are there where queue_job is', async () => {
    assert.deepEqual(await read('v17', 'odoo_jobs'), []);
    assert.deepEqual(await read('v17', 'odoo_job_oldest_seconds'), []);
    assert.deepEqual(await readByLabel('v18', 'odoo_job_oldest_seconds'), { pending: 0, enqueued: 0, started: 0 });
    await run(
      'v18',
      `INSERT INTO queue_job (state, date_created, date_enqueued, date_started, eta) VALUES
        ('pending', ${utc('5 days')}, NULL, NULL, ${utc('20 min')}),
        ('pending', ${utc('5 days')}, NULL, NULL, ${utc('-1 day')}),
        ('started', ${utc('5 days')}, ${utc('4 days')}, ${utc('40 min')}, NULL),
        ('failed', ${utc('5 days')}, ${utc('4 days')}, ${utc('4 days')}, NULL)`
    );
    const ages = await readByLabel('v18', 'odoo_job_oldest_seconds');
    const minutes = Object.fromEntries(
      Object.entries(ages).map(([state, age]) => [state, Math.floor(Number(age) / 60)])
    );
    assert.deepEqual(minutes, { pending: 20, enqueued: 0, started: 40 });
    assert.equal((await readByLabel('v18', 'odoo_jobs'))['failed'], 1);
    await run('v18', 'ALTER TABLE queue_job DROP COLUMN eta');
    assert.ok(Number((await readByLabel('v18', 'odoo_job_oldest_seconds'))['pending']) > 4 * 86_400);
  });

  test('modules that wait are counted, 0 too', async () => {
    const none = { 'to install': 0, 'to upgrade': 0, 'to remove': 0 };
    assert.deepEqual(await readByLabel('v17', 'odoo_modules_pending'), none);
    await run('v17', "INSERT INTO ir_module_module (name, state) VALUES ('mail', 'to upgrade'), ('web', 'installed')");
    assert.deepEqual(await readByLabel('v17', 'odoo_modules_pending'), { ...none, 'to upgrade': 1 });
  });

  test('sessions, logins and people online come from the tables that the version has', async () => {
    const log = `INSERT INTO res_users_log (create_uid, create_date) VALUES (2, ${utc('1 hour')}), (2, ${utc('2 hours')}), (3, ${utc('2 days')})`;
    const here = (table: string) =>
      `INSERT INTO ${table} (user_id, last_poll, status) VALUES (2, ${utc('30 s')}, 'online'), (3, ${utc('30 s')}, 'offline'), (4, ${utc('1 hour')}, 'online')`;
    for (const [database, table] of [
      ['v17', 'bus_presence'],
      ['v18', 'bus_presence'],
      ['v19', 'mail_presence'],
    ] as const) {
      await run(database, log);
      await run(database, here(table));
      assert.deepEqual(await read(database, 'odoo_users_logged_in_day'), [{ users: 1 }]);
      assert.deepEqual(await read(database, 'odoo_users_online'), [{ users: 1 }]);
    }
    assert.deepEqual(await read('v17', 'odoo_sessions'), []);
    await run(
      'v18',
      `INSERT INTO res_device_log (session_identifier, last_activity, revoked) VALUES
        ('a', ${utc('5 min')}, false), ('a', ${utc('50 min')}, NULL), ('b', ${utc('3 hours')}, false), ('c', ${utc('5 min')}, true)`
    );
    assert.deepEqual(await read('v18', 'odoo_sessions'), [{ sessions: 1 }]);
  });

  test('the filestore counts a content once, and nothing that is kept in the database', async () => {
    assert.deepEqual(await read('v18', 'odoo_filestore_bytes'), [{ bytes: 0 }]);
    await run(
      'v18',
      "INSERT INTO ir_attachment (store_fname, checksum, file_size) VALUES ('a/1', 'x', 100), ('a/1', 'x', 100), ('b/2', 'y', 30), (NULL, 'z', 7)"
    );
    assert.deepEqual(await read('v18', 'odoo_filestore_bytes'), [{ bytes: 130 }]);
  });

  test('farmers are those who are active, registrations all that were made', async () => {
    assert.deepEqual(await read('v17', 'dfr_active_farmers_total'), []);
    await run('v18', 'INSERT INTO dfr_farmer (active) VALUES (true), (false)');
    assert.deepEqual(await read('v18', 'dfr_active_farmers_total'), [{ farmers: 1 }]);
    assert.deepEqual(await read('v18', 'dfr_registrations_total'), [{ registrations: 2 }]);
  });

  test('every query answers exactly the columns that the exporter is told of', async () => {
    for (const { name, labels = [], values } of queries) {
      assert.equal(values.length, 1, `${name}: the label col is dropped, so there may be one value only`);
      for (const database of ['v17', 'v18', 'v19']) {
        for (const row of await read(database, name)) {
          assert.deepEqual(Object.keys(row), [...labels, ...values], `${name} ${database}`);
        }
      }
    }
  });

  test('the monitoring role reads no row of Odoo', async () => {
    for (const table of [
      'dfr_farmer',
      'res_users',
      'mail_mail',
      'ir_cron',
      'queue_job',
      'res_device_log',
      'ir_attachment',
    ]) {
      await assert.rejects(run('v18', `SELECT * FROM ${table}`, 'dfr_monitor'), { code: '42501' });
    }
    for (const call of ['crons()', 'deactivated_crons()', 'online_users()', 'filestore_bytes()']) {
      await assert.rejects(run('v18', `SELECT * FROM dfr_signals.${call}`, 'stranger'), { code: '42501' });
    }
  });
});
