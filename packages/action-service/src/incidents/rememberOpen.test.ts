import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startStore, type ScratchStore } from '../test/startStore.ts';
import { waitUntil } from '../test/startServer.ts';
import { recordMoment } from './moments.ts';
import { rememberOpen } from './rememberOpen.ts';

let store: ScratchStore;
before(async () => {
  store = await startStore();
  await store.pool.query(
    `INSERT INTO incidents (id, fingerprint, alert_name, labels, annotations, origin, state, opened_at, last_seen_at)
     SELECT 'inc-' || n, 'f' || n, 'OdooDown', '{}', '{}', 'prometheus', 'pending', now(), now() FROM generate_series(1, 3) n`
  );
});
after(() => store?.stop());

const moment = { kind: 'normal' as const, at: new Date(), source: 'test', text: '', runId: null };

test('the rows are read once in a round, and anew when something was written of one', async () => {
  const open = rememberOpen(store.pool);
  const round = {};
  const first = await open(round);
  assert.equal(first.length, 3);
  assert.equal(await open(round), first);
  assert.notEqual(await open({}), first);
  const second = await open(round);
  await store.pool.query(`UPDATE incidents SET resolved_at = now(), state = 'resolved' WHERE id = 'inc-1'`);
  await recordMoment(store.pool, 'inc-1', moment);
  const third = await open(round);
  assert.notEqual(third, second);
  assert.equal(third.length, 2);
});

test('while the store is down those known last are answered, and when it is back the new ones', async () => {
  const open = rememberOpen(store.pool);
  const round = {};
  assert.equal((await open(round)).length, 2);
  await store.stopCluster();
  assert.equal((await open(round)).length, 2);
  await store.startCluster();
  await store.pool.query(`UPDATE incidents SET resolved_at = now(), state = 'resolved' WHERE id = 'inc-2'`);
  await waitUntil(async () => (await open(round)).length === 1, 'the store to be read again');
});
