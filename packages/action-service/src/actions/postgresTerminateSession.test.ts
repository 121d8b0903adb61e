import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { startActionOnPostgres, type ActionUnderTest } from '../test/postgresUnderTest.ts';
import { waitUntil } from '../test/startServer.ts';
import type { SessionSnapshot } from './chooseSession.ts';
import { postgresTerminateSession as action } from './postgresTerminateSession.ts';

let on: ActionUnderTest<SessionSnapshot>;
before(async () => {
  on = await startActionOnPostgres(action, { minAgeSeconds: 1 });
  await on.dfr.admin.query(
    'CREATE TABLE parcel (id int); INSERT INTO parcel VALUES (1); ALTER TABLE parcel OWNER TO odoo'
  );
});
after(() => on?.stop());

const pidOf = async (client: pg.Client) => (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid as number;
const choices = async () => (await action.form(on.context))[0]!.choices;
const choiceOf = async (pid: number) => (await choices()).find(({ value }) => value.startsWith(`${pid}@`))?.value ?? '';
const waiting = async () => (await on.postgres.activity()).filter(({ blockedBy }) => blockedBy.length > 0).length;

test('whoever idles in a transaction and holds others up is ended, and they go on', async () => {
  const holder = await on.dfr.sit('editor', 'BEGIN; UPDATE parcel SET id = 2');
  const pid = await pidOf(holder);
  const waiters = [await on.dfr.sit('page-1'), await on.dfr.sit('page-2')];
  const work = waiters.map((client) => client.query('UPDATE parcel SET id = 3'));
  await waitUntil(async () => (await waiting()) === 2, 'both to wait');
  await sleep(1100);
  const shown = await on.preview();
  assert.match(shown.draft.summary, new RegExp(`^Would end the session of pid ${pid} \\(odoo, application editor\\), idle in transaction for \\d s; 2 sessions wait behind it\\.$`)); // prettier-ignore
  assert.match(shown.draft.warnings[0]!, /of its transaction is rolled back/);
  assert.equal((await on.effect(shown)).state, 'pending');
  await on.run(shown);
  await Promise.all(work);
  await assert.rejects(holder.query('SELECT 1'));
  const effect = await on.effect(shown);
  assert.equal(effect.state, 'confirmed');
  assert.match(effect.detail, /is gone; of 2 sessions behind it 0 wait still/);
  assert.match(await action.nextStep(on.context, { parameters: {}, snapshot: shown.draft.snapshot }, new Date()), /No old transaction is left/); // prettier-ignore
});

test('a lock of the session itself, without a transaction, is found too', async () => {
  const holder = await on.dfr.sit('cron', 'SELECT pg_advisory_lock(7)');
  const pid = await pidOf(holder);
  await sleep(1100);
  assert.equal(await choiceOf(pid), '', 'idle, and nobody waits: that is for postgres.terminate-idle');
  const waiter = await on.dfr.sit('cron-2');
  const work = waiter.query('SELECT pg_advisory_lock(7)');
  await waitUntil(async () => (await waiting()) === 1, 'it to wait');
  const shown = await on.preview({ session: await choiceOf(pid) });
  assert.match(shown.draft.statement, /, NULL\);$/);
  await on.run(shown);
  await work;
  assert.equal((await on.effect(shown)).state, 'confirmed');
  // It holds the lock now, and nobody waits: the same target is left alone.
  const again = (await on.postgres.activity()).find((one) => one.application === 'cron-2')!;
  assert.equal(await on.postgres.terminateSession(again), 'idle');
});

test('what has changed since it was shown is left alone, what has gone is told', async () => {
  const client = await on.dfr.sit('clerk', 'BEGIN');
  const pid = await pidOf(client);
  await sleep(1200);
  const shown = await on.preview({ session: await choiceOf(pid) });
  await client.query('COMMIT; BEGIN');
  await sleep(1200);
  await assert.rejects(on.run(shown), /has ended the transaction that was shown by itself: the session is left alone/);
  assert.equal(await pidOf(client), pid);
  const reused = { ...shown.draft.snapshot, backendStart: '2026-01-01T00:00:00.000000Z' };
  assert.equal(await on.postgres.terminateSession(reused), 'vanished');
  assert.equal(await pidOf(client), pid);
  await client.end();
  on.output.length = 0;
  await on.run(shown);
  assert.match(on.output.join(), /had gone by itself, nothing was touched/);
  assert.equal((await on.effect(shown)).state, 'confirmed');
});

test('a session that does not end is told as such, and the effect waits', async () => {
  const client = await on.dfr.sit('stuck', 'BEGIN');
  const pid = await pidOf(client);
  await sleep(1200);
  const shown = await on.preview({ session: await choiceOf(pid) });
  process.kill(pid, 'SIGSTOP');
  try {
    on.output.length = 0;
    await on.run(shown);
    assert.match(on.output.join(), /was told to end and is still there/);
    assert.equal((await on.effect(shown)).state, 'pending');
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await waitUntil(async () => (await on.effect(shown)).state === 'confirmed', 'it to end', 5);
});

test("the policy's roles bound what is offered, and nothing to run is said", async () => {
  const client = await on.dfr.sit('clerk', 'BEGIN');
  await sleep(1200);
  const bounds = action.bounds.parse({ minAgeSeconds: 1, databaseUsers: ['somebody'] });
  assert.deepEqual((await action.form({ ...on.context, bounds }))[0]!.choices, []);
  const { refusal } = await action.preview({ ...on.context, bounds }, {});
  assert.match(refusal?.why ?? '', /No session of somebody/);
  await client.end();
});

test('works when all connections are taken', async () => {
  const open = await on.dfr.sit('open', 'BEGIN');
  const pid = await pidOf(open);
  for (let taken = 0, refused = false; taken < 40 && !refused; taken += 1) {
    refused = await on.dfr.sit('leaker').then(() => false, () => true); // prettier-ignore
  }
  await assert.rejects(on.dfr.sit('one more'), /too many clients|remaining connection slots/);
  await sleep(1100);
  const shown = await on.preview({ session: await choiceOf(pid) });
  await on.run(shown);
  assert.equal((await on.effect(shown)).state, 'confirmed');
  await on.dfr.sit('one more');
});
