import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Registry } from 'prom-client';
import { startStore, type ScratchStore } from '../test/startStore.ts';
import { storeMetrics } from './storeMetrics.ts';

let store: ScratchStore;
let up = true;
const registry = new Registry();
before(async () => {
  store = await startStore();
  storeMetrics(registry, store.pool, () => ({ name: 'store', kind: 'store', ok: up, error: null, checkedAt: null }));
});
after(() => store?.stop());

const shown = async () => (await registry.metrics()).split('\n').filter((line) => /^dfr_ops/.test(line));

async function queued(id: string, ago: string): Promise<void> {
  await store.pool.query(
    `INSERT INTO runs (id, token_hash, body_hash, action_id, title, target_kind, target_name, risk, lock, parameters, snapshot,
       reason, requested_by, state, effect, alert, approval, last_seq)
     VALUES ($1, $1, 'hash', 'nginx.reload', 'Reload', 'nginx', 'dfr_nginx_prod', 'low', 'shared', '{}', '{}', 'a reason', 'ann',
       'queued', '{}', '{}', 'none', 1)`,
    [id]
  );
  await store.pool.query(
    `INSERT INTO run_events (run_id, seq, at, kind, text, run) VALUES ($1, 1, now() - $2::interval, 'state', '', '{}')`,
    [id, ago]
  );
}

test('a run that nobody begins is counted, one that was just accepted is not', async () => {
  assert.deepEqual(await shown(), ['dfr_ops_store_up 1', 'dfr_ops_runs_stuck 0']);
  await queued('run-new', '5 seconds');
  assert.deepEqual(await shown(), ['dfr_ops_store_up 1', 'dfr_ops_runs_stuck 0']);
  await queued('run-old', '40 seconds');
  assert.deepEqual(await shown(), ['dfr_ops_store_up 1', 'dfr_ops_runs_stuck 1']);
});

test('a store that is down is told, and what is not known is not told', async () => {
  up = false;
  assert.deepEqual(await shown(), ['dfr_ops_store_up 0']);
});
