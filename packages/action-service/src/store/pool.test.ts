import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPool, inTransaction } from './pool.ts';
import { silentLog, startStore } from '../test/startStore.ts';

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

test('a store that hangs is an error after a while, and its connection is never used again', async () => {
  const store = await startStore();
  const pool = createPool(store.databaseUrl, silentLog, 500);
  const warnings: Error[] = [];
  const hear = (warning: Error) => void warnings.push(warning);
  process.on('warning', hear);
  const { pid } = (await pool.query('SELECT pg_backend_pid() AS pid')).rows[0];
  process.kill(pid, 'SIGSTOP');
  try {
    const began = Date.now();
    await assert.rejects(
      inTransaction(pool, (client) => client.query('SELECT 1')),
      /Query read timeout/
    );
    assert.ok(Date.now() - began < 900, 'it does not wait for the rollback too');
    assert.equal(await inTransaction(pool, async (client) => (await client.query('SELECT 1 AS one')).rows[0].one), 1);
    assert.deepEqual(warnings.map(String), []);
  } finally {
    process.kill(pid, 'SIGCONT');
    process.off('warning', hear);
  }
  await pool.end();
  await store.stop();
});
