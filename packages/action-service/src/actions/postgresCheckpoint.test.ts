import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startActionOnPostgres, type ActionUnderTest } from '../test/postgresUnderTest.ts';
import { postgresCheckpoint as action } from './postgresCheckpoint.ts';

let on: ActionUnderTest<{ lsn: string }>;
before(async () => {
  on = await startActionOnPostgres(action, {});
});
after(() => on?.stop());

const lastPlace = async () =>
  (await on.dfr.admin.query('SELECT checkpoint_lsn::text AS lsn FROM pg_control_checkpoint()')).rows[0].lsn as string;

test('a checkpoint is written, seen by its place in the log, and the next one comes not before its time', async () => {
  await on.dfr.admin.query("UPDATE dfr_ops.bounds SET upkeep_every = '5 minutes'");
  const shown = await on.preview();
  assert.equal((await on.effect(shown)).state, 'pending');
  await on.run(shown);
  assert.equal(on.output.at(-1), 'It is written');
  const effect = await on.effect(shown);
  assert.equal(effect.state, 'confirmed', effect.detail);
  assert.match(effect.detail, new RegExp(`\\(${shown.draft.snapshot.lsn} before\\)`));

  const before = await lastPlace();
  await assert.rejects(on.run(shown), /refused: a checkpoint was asked for shortly before/);
  assert.equal(await lastPlace(), before);
  const [precondition] = (await on.preview()).draft.preconditions;
  assert.equal(precondition?.ok, false);
  assert.match(precondition?.detail ?? '', /takes the next one from \d\d:\d\d/);
});

test('when its time is up it may be asked for again', async () => {
  await on.dfr.admin.query("UPDATE dfr_ops.bounds SET upkeep_every = '0'");
  const shown = await on.preview();
  assert.equal(shown.draft.preconditions[0]?.ok, true);
  await on.run(shown);
  assert.equal((await on.effect(shown)).state, 'confirmed');
});

test('one that lasts longer than the call goes on, is told as such, and still counts', async () => {
  await on.dfr.admin.query("UPDATE dfr_ops.bounds SET upkeep_every = '5 minutes'; DELETE FROM dfr_ops.asked");
  const shown = await on.preview();
  const { rows } = await on.dfr.admin.query("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'");
  process.kill(rows[0].pid, 'SIGSTOP');
  try {
    on.output.length = 0;
    await on.run(shown);
    assert.match(on.output.join(), /goes on; it was not waited for/);
    assert.equal((await on.effect(shown)).state, 'pending');
  } finally {
    process.kill(rows[0].pid, 'SIGCONT');
  }
  for (let looks = 0; looks < 50 && (await on.effect(shown)).state === 'pending'; looks += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.equal((await on.effect(shown)).state, 'confirmed');
  await assert.rejects(on.run(shown), /shortly before/);
});

test('works when all connections are taken', async () => {
  await on.dfr.admin.query("UPDATE dfr_ops.bounds SET upkeep_every = '0'");
  for (let taken = 0, refused = false; taken < 40 && !refused; taken += 1) {
    refused = await on.dfr.sit('leaker').then(() => false, () => true); // prettier-ignore
  }
  await assert.rejects(on.dfr.sit('one more'), /too many clients|remaining connection slots/);
  const shown = await on.preview();
  await on.run(shown);
  assert.equal((await on.effect(shown)).state, 'confirmed');
});

test('says what to look at when they are still forced', async () => {
  const { parameters, draft } = await on.preview();
  const next = await action.nextStep(on.context, { parameters, snapshot: draft.snapshot }, new Date());
  assert.match(next, /max_wal_size \(1GB\).*checkpoint_timeout \(5min\)/);
});
