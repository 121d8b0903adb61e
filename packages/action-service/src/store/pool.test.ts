import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startStore } from '../test/startStore.ts';

test('a store that dies under a client in use is an error of its query, not the end of the process', async () => {
  const store = await startStore();
  const client = await store.pool.connect();
  await store.stopCluster();
  await new Promise((resolve) => setTimeout(resolve, 300));
  await assert.rejects(client.query('SELECT 1'));
  client.release(true);
  await store.startCluster();
  assert.equal((await store.pool.query('SELECT 1 AS one')).rows[0].one, 1);
  await store.stop();
});
