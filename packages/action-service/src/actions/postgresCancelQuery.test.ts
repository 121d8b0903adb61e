import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startActionOnPostgres, type ActionUnderTest } from '../test/postgresUnderTest.ts';
import { waitUntil } from '../test/startServer.ts';
import type { SessionSnapshot } from './chooseSession.ts';
import { postgresCancelQuery as action } from './postgresCancelQuery.ts';

let on: ActionUnderTest<SessionSnapshot>;
before(async () => {
  on = await startActionOnPostgres(action, { minAgeSeconds: 1, databaseUsers: ['odoo', 'chief', 'dfr_backup'] });
  await on.dfr.admin.query(
    "CREATE TABLE parcel (id int, hectares int); INSERT INTO parcel VALUES (1, 1), (2, 2); ALTER TABLE parcel OWNER TO odoo; CREATE ROLE dfr_backup LOGIN PASSWORD 'b'; CREATE ROLE chief SUPERUSER LOGIN PASSWORD 'c'"
  );
});
after(() => on?.stop());

const pidOf = async (client: pg.Client) => (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid as number;
const choices = async () => (await action.form(on.context))[0]!.choices;
const choiceOf = async (pid: number) => (await choices()).find(({ value }) => value.startsWith(`${pid}@`))?.value ?? '';
/** A query that goes on, and what becomes of it. */
const longQuery = async (application: string, statement = 'SELECT pg_sleep(60)') => {
  const client = await on.dfr.sit(application);
  const pid = await pidOf(client);
  return { client, pid, ended: client.query(statement).then(() => 'done', (error: Error) => error.message) };
}; // prettier-ignore
const as = async (user: string, password: string, application: string) => {
  const client = new pg.Client({ host: '127.0.0.1', port: on.dfr.port, user, password, database: 'postgres', application_name: application }); // prettier-ignore
  client.on('error', () => {});
  await client.connect();
  return client;
};

test('a long query is cancelled, its session goes on, and others are left alone', async () => {
  const report = await longQuery('report');
  const other = await longQuery('other');
  await sleep(1200);
  const shown = await on.preview({ session: await choiceOf(report.pid) });
  assert.match(
    shown.draft.summary,
    new RegExp(
      `^Would cancel the query of pid ${report.pid} \\(odoo, application report\\), at work for 1 s; 0 sessions wait`
    )
  );
  assert.equal((await on.effect(shown)).state, 'pending');
  await on.run(shown);
  assert.match(await report.ended, /canceling statement due to user request/);
  const effect = await on.effect(shown);
  assert.equal(effect.state, 'confirmed', effect.detail);
  assert.match(effect.detail, /its session is idle/);
  assert.equal(await pidOf(report.client), report.pid);
  await on.dfr.admin.query('SELECT pg_cancel_backend($1)', [other.pid]);
  assert.match(await other.ended, /canceling/);
});

test('in a tree of locks, whoever holds most up comes first; the tree is shown, and cancelling frees them', async () => {
  const lonely = await longQuery('lonely');
  await sleep(300);
  const holder = await on.dfr.sit('import');
  const holderPid = await pidOf(holder);
  const holding = holder.query('BEGIN; UPDATE parcel SET hectares = 9; SELECT pg_sleep(60)').then(() => 'done', (error: Error) => error.message); // prettier-ignore
  await sleep(200);
  const waiters = [
    await longQuery('page-1', 'UPDATE parcel SET hectares = 3 WHERE id = 1'),
    await longQuery('page-2', 'UPDATE parcel SET hectares = 4 WHERE id = 2'),
  ];
  await waitUntil(async () => (await on.postgres.activity()).filter(({ blockedBy }) => blockedBy.length > 0).length === 2, 'both to wait'); // prettier-ignore
  await sleep(1100);
  const labels = (await choices()).map(({ label }) => label);
  assert.match(
    labels[0]!,
    new RegExp(`^odoo, application import: active for \\d+ s, holds 2 sessions up \\(pid ${holderPid}\\)$`)
  );
  assert.match(labels[1]!, /application lonely/);
  assert.match(labels[2]!, /page-1: active for \d+ s, waits for (transactionid|parcel|tuple)/);
  const shown = await on.preview();
  assert.deepEqual(shown.draft.affected.rows.map((row) => row[2]), ['import', 'page-1', 'page-2']); // prettier-ignore
  assert.deepEqual(shown.draft.affected.rows.map((row) => row[0]), [`${holderPid}`, ...waiters.map(({ pid }) => `– ${pid}`)]); // prettier-ignore
  assert.equal(shown.draft.snapshot.blocked.length, 2);
  assert.match((await on.preview({ session: await choiceOf(waiters[0]!.pid) })).draft.warnings[0]!, new RegExp(`waits itself, for pid ${holderPid}`)); // prettier-ignore
  await on.run(shown);
  assert.match(await holding, /canceling/);
  await Promise.all(waiters.map(({ ended }) => ended));
  assert.match((await on.effect(shown)).detail, /of 2 sessions behind it 0 wait still/);
  await on.dfr.admin.query('SELECT pg_cancel_backend($1)', [lonely.pid]);
  await lonely.ended;
});

test('only the transaction that was shown: a later one of the same session, another session of the same pid', async () => {
  const { client, pid, ended } = await longQuery('worker');
  await sleep(1200);
  const shown = await on.preview({ session: await choiceOf(pid) });
  await on.dfr.admin.query('SELECT pg_cancel_backend($1)', [pid]);
  await ended;
  const next = client.query('SELECT pg_sleep(3)');
  await sleep(1200);
  on.output.length = 0;
  await on.run(shown);
  assert.match(on.output.join(), /had ended by itself, nothing was touched/);
  await next;
  const gone = { ...shown, draft: { ...shown.draft, snapshot: { ...shown.draft.snapshot, backendStart: '2026-01-01T00:00:00.000000Z' } } }; // prettier-ignore
  await on.run(gone);
  assert.match(on.output.join(), /had gone by itself, nothing was touched/);
  assert.equal(await pidOf(client), pid);
});

test('who is idle in a transaction is not offered, and refused when it has become so', async () => {
  const client = await on.dfr.sit('editor', 'BEGIN');
  const pid = await pidOf(client);
  const working = client.query('SELECT pg_sleep(2)');
  await sleep(1300);
  const shown = await on.preview({ session: await choiceOf(pid) });
  await working;
  assert.equal(await choiceOf(pid), '');
  await assert.rejects(on.run(shown), /at no query any more/);
  await client.query('SELECT 1');
});

test('superusers, backups and replication are neither offered nor touched, nor is a transaction of a moment', async () => {
  const chief = await as('chief', 'c', 'psql');
  const dump = await as('dfr_backup', 'b', 'nightly');
  const [chiefPid, dumpPid] = [await pidOf(chief), await pidOf(dump)];
  const named = await longQuery('pg_dump');
  const work = [chief, dump].map((client) =>
    client.query('SELECT pg_sleep(60)').catch((error: Error) => error.message)
  );
  await sleep(1200);
  for (const [pid, guarded] of [
    [chiefPid, 'superuser'],
    [dumpPid, 'backup'],
    [named.pid, 'backup'],
  ] as const) {
    // prettier-ignore
    const target = (await on.postgres.activity()).find((one) => one.pid === pid)!;
    assert.equal(target.guarded, guarded);
    assert.equal(await choiceOf(pid), '');
    assert.equal(await on.postgres.cancelQuery(target), 'refused');
    assert.equal(await on.postgres.terminateSession(target), 'refused');
  }
  const young = await longQuery('young');
  await waitUntil(async () => (await on.postgres.activity()).some(({ pid, state }) => pid === young.pid && state === 'active'), 'it to work'); // prettier-ignore
  const seen = (await on.postgres.activity()).find(({ pid }) => pid === young.pid)!;
  assert.equal(await on.postgres.cancelQuery(seen), 'too_young');
  await on.dfr.admin.query('SELECT pg_cancel_backend(unnest($1::int[]))', [[chiefPid, dumpPid, named.pid, young.pid]]);
  await Promise.all([...work, named.ended, young.ended]);
  await Promise.all([chief.end(), dump.end()]);
});

test('a replication session is guarded, and so is the service itself', async () => {
  const self = (await on.dfr.admin.query("SELECT pid, to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') AS start FROM pg_stat_activity WHERE usename = 'dfr_ops'")).rows[0]; // prettier-ignore
  assert.ok(!(await on.postgres.activity()).some(({ pid }) => pid === self.pid));
  assert.equal(await on.postgres.cancelQuery({ pid: self.pid, backendStart: self.start, xactStart: null }), 'refused');
  const sibling = await as('dfr_ops', on.dfr.opsPassword, 'dfr-ops');
  const siblingPid = await pidOf(sibling);
  const twin = (await on.postgres.activity()).find((one) => one.pid === siblingPid)!;
  assert.equal(twin.guarded, 'the service itself');
  assert.equal(await on.postgres.terminateSession(twin), 'refused');
  await sibling.end();
  await on.dfr.admin.query("CREATE ROLE replica REPLICATION LOGIN PASSWORD 'r'");
  const replica = await as('replica', 'r', 'walreceiver');
  const pid = await pidOf(replica);
  const seen = (await on.postgres.activity()).find((one) => one.pid === pid)!;
  assert.equal(seen.guarded, 'replication');
  assert.equal(await on.postgres.terminateSession(seen), 'refused');
  await replica.end();
});

test('shows nothing to run where nothing is at work, and says what to do', async () => {
  const { draft } = await on.preview();
  assert.match(draft.refusal?.why ?? '', /No query of odoo.* for 1 s or more/);
  await assert.rejects(on.preview({ session: '1@x' }), /one of the choices/);
});

test('works when all connections are taken', async () => {
  const slow = await longQuery('slow');
  for (let taken = 0, refused = false; taken < 40 && !refused; taken += 1) {
    refused = await on.dfr.sit('leaker').then(() => false, () => true); // prettier-ignore
  }
  await assert.rejects(on.dfr.sit('one more'), /too many clients|remaining connection slots/);
  await sleep(1100);
  const shown = await on.preview({ session: await choiceOf(slow.pid) });
  await on.run(shown);
  assert.match(await slow.ended, /canceling/);
  assert.equal((await on.effect(shown)).state, 'confirmed');
});
