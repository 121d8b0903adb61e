import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { connectMaintenance } from '../connectors/postgresMaintenance.ts';
import { connectPostgres, type PostgresConnector } from '../connectors/postgres.ts';
import { startDfrPostgres, type DfrPostgres } from '../test/startDfrPostgres.ts';
import { silentLog } from '../test/startStore.ts';
import { waitUntil } from '../test/startServer.ts';
import { checkPostgres } from './checkPostgres.ts';

const monitorSql = new URL('../../../../provisioning/postgres/dfr-monitor.sql', import.meta.url);
let server: DfrPostgres;
let postgres: PostgresConnector;
before(async () => {
  server = await startDfrPostgres(20);
  await server.admin.query(await readFile(monitorSql, 'utf8'));
  await server.admin.query('ALTER DATABASE postgres OWNER TO odoo; ALTER ROLE odoo CONNECTION LIMIT 8');
  postgres = connectPostgres({ url: server.opsUrl, password: server.opsPassword, log: silentLog });
  await waitUntil(async () => postgres.trouble() === null, 'the connection');
});
after(async () => {
  await postgres?.close();
  await server?.stop();
});

const look = async (now = () => new Date()) => {
  const { skewSeconds, checks } = await checkPostgres(postgres, now);
  return { skewSeconds, states: checks.map(({ state }) => state), texts: checks.map(({ text }) => text).join('\n') };
};

test('rights as provisioning gives them are well, and the clock is this one', async () => {
  const { skewSeconds, states } = await look();
  assert.deepEqual(states, ['ok', 'ok', 'ok']);
  assert.ok(Math.abs(skewSeconds!) < 1, `${skewSeconds}`);
  const ahead = await look(() => new Date(Date.now() + 60_000));
  assert.ok(ahead.skewSeconds! < -59, `${ahead.skewSeconds}`);
});

test('the login that vacuums is looked at where there is one', async () => {
  await server.admin.query("CREATE ROLE upkeep LOGIN PASSWORD 'u'");
  const lookWith = async (password: string) => {
    const url = `postgres://upkeep@127.0.0.1:${server.port}/postgres`;
    const maintenance = connectMaintenance({ url, password });
    const { checks } = await checkPostgres({ ...postgres, maintenance }, () => new Date());
    return checks.find(({ name }) => name === 'Login that vacuums');
  };
  assert.deepEqual(
    [(await lookWith('u'))?.state, (await lookWith('u'))?.text],
    ['ok', 'upkeep is let in and is no superuser.']
  );
  const refused = await lookWith('wrong');
  assert.equal(refused?.state, 'failed');
  assert.match(refused?.text ?? '', /not let in: password authentication failed for user "upkeep"\.$/);
  await server.admin.query('ALTER ROLE upkeep SUPERUSER');
  assert.match((await lookWith('u'))?.text ?? '', /upkeep is a superuser/);
  await server.admin.query('DROP ROLE upkeep');
});

test('a function that was taken away, a monitor without statistics, an Odoo without a cap are told', async () => {
  await server.admin.query(
    'REVOKE EXECUTE ON FUNCTION dfr_ops.sessions() FROM dfr_ops; REVOKE pg_monitor FROM dfr_monitor; ALTER ROLE odoo CONNECTION LIMIT -1'
  );
  const { states, texts } = await look();
  assert.deepEqual(states, ['failed', 'failed', 'warning']);
  assert.match(texts, /dfr_ops may not call dfr_ops\.sessions\(\)\.\n.*lacks pg_monitor[^]*all 20 connections/);
});

test('superusers are told, a role that is missing, and a schema that is missing', async () => {
  await server.admin.query('ALTER ROLE odoo SUPERUSER; ALTER ROLE dfr_ops SUPERUSER; ALTER ROLE dfr_monitor SUPERUSER');
  const { states, texts } = await look();
  assert.deepEqual(states, ['failed', 'failed', 'failed']);
  assert.equal(texts.match(/superuser/g)?.length, 3);
  await server.admin.query(
    'ALTER ROLE odoo NOSUPERUSER; ALTER ROLE dfr_ops NOSUPERUSER; DROP OWNED BY dfr_monitor; DROP ROLE dfr_monitor; DROP SCHEMA dfr_ops CASCADE'
  );
  const without = await look();
  assert.deepEqual(without.states.slice(0, 2), ['failed', 'failed']);
  assert.match(without.texts, /terminate_idle/);
  assert.match(without.texts, /no role dfr_monitor/);
});

test('without a connection it says so', async () => {
  const { checks } = await checkPostgres(null, () => new Date());
  assert.deepEqual([checks[0]?.state, checks[0]?.text.startsWith('Not checked, because')], ['warning', true]);
  const closed = connectPostgres({ url: 'postgres://dfr_ops@127.0.0.1:9/x', password: null, log: silentLog });
  const { checks: refused } = await checkPostgres(closed, () => new Date());
  await closed.close();
  assert.deepEqual([refused[0]?.state, /does not answer/.test(refused[0]?.text ?? '')], ['failed', true]);
});
