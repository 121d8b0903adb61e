import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, chown, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { parse } from 'yaml';
import { renderProvisioning } from './render.ts';

/** Newest server of Debian's packages; undefined: none is installed. */
async function postgresBin(): Promise<string | undefined> {
  const versions = await readdir('/usr/lib/postgresql').catch(() => []);
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  return newest && `/usr/lib/postgresql/${newest}/bin`;
}

const bin = await postgresBin();
const folder = await mkdtemp(join(tmpdir(), 'dfr-signals-'));
after(() => rm(folder, { recursive: true, force: true }));
let port = 0;

/** As the user postgres where we are root: the server refuses to run as root. */
function asPostgres(program: string, args: string[]): void {
  const root = process.getuid?.() === 0;
  const user = ['--reuid=postgres', '--regid=postgres', '--init-groups', '--'];
  const { status, stderr } = spawnSync(
    root ? 'setpriv' : 'env',
    [...(root ? user : []), join(bin ?? '', program), ...args],
    {
      encoding: 'utf8',
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
    }
  );
  assert.equal(status, 0, `${program}: ${stderr}`);
}

async function query(user: string, sql: string) {
  const client = new pg.Client({ host: '127.0.0.1', port, user, database: 'postgres' });
  await client.connect();
  return client.query(sql).finally(() => client.end());
}

describe('the queries on Odoo’s tables', { skip: bin ? false : 'not run: PostgreSQL is not installed' }, () => {
  let queries: Array<{ name: string; query: string; labels?: string[]; values: string[] }> = [];
  let sql = '';
  let data = '';
  const read = async (name: string) => {
    const found = queries.find((one) => one.name === name) ?? assert.fail(name);
    return (await query('dfr_monitor', found.query)).rows as Array<Record<string, unknown>>;
  };

  before(async () => {
    await renderProvisioning({ profile: 'production', out: join(folder, 'rendered') });
    const config = parse(await readFile(join(folder, 'rendered/sql-exporter/config.yml'), 'utf8'));
    const jobs = config.jobs as Array<{ name: string; queries: typeof queries }>;
    queries = jobs.filter(({ name }) => name !== 'postgresql').flatMap((job) => job.queries);
    sql = await readFile(join(folder, 'rendered/postgres/dfr-monitor.sql'), 'utf8');
    port = await freePort();
    await chmod(folder, 0o755);
    data = await mkdtemp(join(tmpdir(), 'dfr-signals-pg-'));
    if (process.getuid?.() === 0) {
      const id = (flag: string) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
      await chown(data, id('-u'), id('-g'));
    }
    asPostgres('initdb', ['-D', join(data, 'c'), '-U', 'postgres', '--auth=trust', '--no-sync', '--no-instructions']);
    const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off`;
    asPostgres('pg_ctl', ['-D', join(data, 'c'), '-l', join(data, 'log'), '-o', options, '-w', 'start']);
    await query('postgres', sql);
  });

  after(async () => {
    if (data) {
      asPostgres('pg_ctl', ['-D', join(data, 'c'), '-m', 'immediate', '-w', 'stop']);
      await rm(data, { recursive: true, force: true });
    }
  });

  test('tables that do not exist give no rows, and only the time of reading', async () => {
    for (const { name } of queries) {
      assert.equal((await read(name)).length, name === 'odoo_signals_read_timestamp_seconds' ? 1 : 0, name);
    }
  });

  test('tables that come later are seen without running the SQL again; running it again changes nothing', async () => {
    await query('postgres', odooTables);
    await query('postgres', sql);
    const crons = await read('odoo_cron_overdue_seconds');
    assert.deepEqual(crons.map(({ cron }) => cron).sort(), ['Early (2)', 'Late (1)']);
    const late = Number(crons.find(({ cron }) => cron === 'Late (1)')?.['overdue_seconds']);
    assert.ok(late >= 600 && late < 660, String(late));
    assert.equal(crons.find(({ cron }) => cron === 'Early (2)')?.['overdue_seconds'], 0);
    const mails = Object.fromEntries((await read('odoo_mail_queue')).map(({ state, mails: n }) => [state, n]));
    assert.deepEqual(mails, { outgoing: 0, sent: 2, received: 0, exception: 0, cancel: 0 });
    assert.deepEqual(await read('dfr_active_farmers_total'), [{ farmers: 1 }]);
    assert.deepEqual(await read('dfr_registrations_total'), [{ registrations: 2 }]);
    assert.deepEqual(await read('odoo_users'), [{ users: 1 }]);
    assert.deepEqual(await read('odoo_jobs'), []);
  });

  test('every query answers exactly the columns that the exporter is told of', async () => {
    for (const { name, labels = [], values } of queries) {
      assert.equal(values.length, 1, `${name}: the label col is dropped, so there may be one value only`);
      for (const row of await read(name)) {
        assert.deepEqual(Object.keys(row), [...labels, ...values], name);
      }
    }
  });

  test('the monitoring role reads no row of Odoo', async () => {
    for (const table of ['dfr_farmer', 'res_users', 'mail_mail', 'ir_cron']) {
      await assert.rejects(query('dfr_monitor', `SELECT * FROM ${table}`), { code: '42501' });
    }
    await assert.rejects(query('stranger', 'SELECT * FROM dfr_signals.crons()'), { code: '42501' });
  });
});

const odooTables = `
  CREATE ROLE stranger LOGIN;
  CREATE TABLE ir_cron (id serial, cron_name text, active bool, nextcall timestamp);
  INSERT INTO ir_cron (cron_name, active, nextcall) VALUES
    ('Late', true, (now() AT TIME ZONE 'UTC') - interval '10 min'),
    ('Early', true, (now() AT TIME ZONE 'UTC') + interval '10 min'),
    ('Off', false, '2020-01-01');
  CREATE TABLE mail_mail (id serial, state text);
  INSERT INTO mail_mail (state) VALUES ('sent'), ('sent');
  CREATE TABLE res_users (id serial, active bool);
  INSERT INTO res_users (active) VALUES (true), (false);
  CREATE TABLE dfr_farmer (id serial, active bool);
  INSERT INTO dfr_farmer (active) VALUES (true), (false);
`;

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
