import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { parse } from 'yaml';
import { makeScratchPostgres, type ScratchPostgres } from '../../../stand-ins/src/test/scratchPostgres.ts';
import { renderProvisioning } from './render.ts';

interface Query {
  name: string;
  query: string;
  labels?: string[];
  values: string[];
}

const missing = globSync('/usr/lib/postgresql/*/bin').length === 0 ? 'not run: PostgreSQL is not installed' : false;
const out = await mkdtemp(join(tmpdir(), 'dfr-postgres-signals-'));
after(() => rm(out, { recursive: true, force: true }));

describe('the queries on PostgreSQL’s own statistics', { skip: missing }, () => {
  let cluster: ScratchPostgres;
  let admin: pg.Client;
  let monitor: pg.Client;
  let queries: Query[] = [];
  const read = async (name: string) => {
    const found = queries.find((one) => one.name === name) ?? assert.fail(name);
    return (await monitor.query(found.query)).rows as Array<Record<string, unknown>>;
  };
  const connect = async (role: string) => {
    const client = new pg.Client({ connectionString: cluster.url.replace('odoo@', `${role}@`) });
    client.on('error', () => {});
    await client.connect();
    return client;
  };

  before(async () => {
    await renderProvisioning({ profile: 'production', out });
    const config = parse(await readFile(join(out, 'sql-exporter/config.yml'), 'utf8'));
    queries = (config.jobs as Array<{ name: string; queries: Query[] }>).find(
      (job) => job.name === 'postgresql'
    )!.queries;
    cluster = await makeScratchPostgres(30);
    admin = await cluster.connectAsSuperuser();
    await admin.query(await readFile(join(out, 'postgres/dfr-monitor.sql'), 'utf8'));
    await admin.query('GRANT CREATE ON SCHEMA public TO odoo');
    monitor = await connect('dfr_monitor');
  });
  after(async () => {
    await monitor.end();
    await admin.end();
    await cluster.remove();
  });

  test('every query answers exactly the columns that the exporter is told of, also with no table there', async () => {
    for (const { name, labels = [], values } of queries) {
      const rows = await read(name);
      assert.equal(rows.length > 0, !name.startsWith('postgres_table_'), name);
      for (const row of rows) {
        assert.deepEqual(Object.keys(row), [...labels, ...values], name);
        assert.equal(typeof row[values[0]!], 'number', name);
      }
    }
  });

  test('sessions that wait for a lock are counted; one that only sits in a transaction is not', async () => {
    const holder = await connect('odoo');
    await holder.query('CREATE TABLE dfr_lock (id int)');
    await holder.query('BEGIN; LOCK dfr_lock');
    assert.deepEqual(await read('postgres_blocked_sessions'), [{ sessions: 0 }]);
    const waiting = await Promise.all(Array.from({ length: 6 }, () => connect('odoo')));
    const answers = waiting.map((client) => client.query('SELECT count(*) FROM dfr_lock'));
    await until(async () => (await read('postgres_blocked_sessions'))[0]?.['sessions'] === 6);
    await holder.query('COMMIT');
    await Promise.all(answers);
    assert.deepEqual(await read('postgres_blocked_sessions'), [{ sessions: 0 }]);
    await Promise.all([holder, ...waiting].map((client) => client.end()));
  });

  test('dead and live rows of big tables are read; small ones are left out, emptied ones go', async () => {
    const odoo = await connect('odoo');
    const off = 'WITH (autovacuum_enabled = off)';
    await odoo.query(`CREATE TABLE big (n int) ${off}; INSERT INTO big SELECT generate_series(1, 12000)`);
    await odoo.query(`CREATE TABLE small (n int) ${off}; INSERT INTO small SELECT generate_series(1, 900)`);
    await odoo.query('DELETE FROM big WHERE n <= 11000; DELETE FROM small');
    // Otherwise a session keeps its counts to itself for up to ten seconds.
    await odoo.query('SELECT pg_stat_force_next_flush()');
    const big = { datname: 'dfr', schemaname: 'public', relname: 'big' };
    await until(async () => (await read('postgres_table_dead_tuples'))[0]?.['tuples'] === 11000);
    assert.deepEqual(await read('postgres_table_dead_tuples'), [{ ...big, tuples: 11000 }]);
    assert.deepEqual(await read('postgres_table_live_tuples'), [{ ...big, tuples: 1000 }]);
    await odoo.query('VACUUM big');
    await odoo.query('SELECT pg_stat_force_next_flush()');
    await until(async () => (await read('postgres_table_dead_tuples')).length === 0);
    await odoo.end();
  });

  test('every database has an age, and it grows', async () => {
    const age = async () => {
      const rows = await read('postgres_database_xid_age');
      return Object.fromEntries(rows.map(({ datname, transactions }) => [datname, Number(transactions)]));
    };
    const first = await age();
    assert.deepEqual(Object.keys(first).sort(), ['dfr', 'postgres', 'template0', 'template1']);
    await admin.query('SELECT txid_current()');
    await admin.query('SELECT txid_current()');
    assert.ok((await age())['dfr']! >= first['dfr']! + 2);
  });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 15_000; !(await condition()); await sleep(100)) {
    assert.ok(Date.now() < deadline, 'not within 15 s');
  }
}
