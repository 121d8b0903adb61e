import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Preview, Run } from '@dfr-ops/contracts';
import { routeSecret, startMain, webhookToken, type RunningMain } from './test/startMain.ts';
import { waitUntil } from './test/startServer.ts';

let service: RunningMain;
before(async () => {
  service = await startMain();
});
after(() => service?.stop());

const get = async (path: string, headers: Record<string, string> = {}) =>
  fetch(`${service.base}${path}`, { headers: { ...(await service.headersOf('admin', 'Admin')), ...headers } });

test('told to stop, it answers what was asked, tells the streams, and ends within its bound', async () => {
  const { agent, store, child } = service;
  const preview = await service.ask<Preview>('POST', '/actions/nginx.reload/preview', {});
  agent.nginx.delayMs = 1000;
  const run = await service.ask<Run>('POST', '/runs', { token: preview.token, reason: 'hangs', typedTarget: null });
  await waitUntil(async () => (await service.ask<Run>('GET', `/runs/${run.id}`)).state === 'running', 'the run to act');
  const stream = await get(`/api/v1/runs/${run.id}/events`, { accept: 'text/event-stream' });
  const streamed = stream.text();
  const polled = get(`/api/v1/runs/${run.id}/events?after=1000&wait=20`);
  const lock = await store.pool.connect();
  await lock.query('BEGIN; LOCK TABLE incidents');
  const inFlight = get('/api/v1/incidents');
  const blocked = async () =>
    (await store.pool.query(`SELECT 1 FROM pg_locks WHERE relation = 'incidents'::regclass AND NOT granted`)).rowCount;
  await waitUntil(blocked, 'the request to be at work');
  const began = Date.now();
  child.kill('SIGTERM');
  assert.match(await streamed, /event: stopping\ndata: .*Come back with the last id/);
  assert.equal((await polled).status, 200);
  await assert.rejects(fetch(`${service.base}/healthz`), 'it takes no new connection');
  await sleep(300);
  assert.equal(child.exitCode, null, 'it did not wait for what it was asked');
  await lock.query('COMMIT');
  lock.release();
  const answer = await inFlight;
  assert.equal(answer.status, 200);
  assert.deepEqual(((await answer.json()) as { incidents: unknown[] }).incidents, []);
  assert.deepEqual(await service.ended, [0, null]);
  assert.ok(Date.now() - began < 5000, `it took ${Date.now() - began} ms`);
});

test('nothing that was asked of it, or of which it complained, brought a secret into its log', async () => {
  const told = service.told();
  assert.match(told, /the action service stops/);
  for (const secret of [routeSecret, webhookToken, 'eyJ', 'Bearer ']) {
    assert.ok(!told.includes(secret), secret);
  }
});

test('errors at every turn bring no secret into the log', async () => {
  const password = 'word-of-the-store';
  const unreachable = `http://user:${password}@127.0.0.1:9`;
  const noisy = await startMain({
    environment: {
      PROMETHEUS_URL: unreachable,
      ALERTMANAGER_URLS: unreachable,
      SMTP_URL: `smtp://u:${password}@127.0.0.1:9`,
      MAIL_FROM: 'a@b.example',
    },
  });
  try {
    const { base, store } = noisy;
    const identity = await noisy.headersOf('admin', 'Admin');
    await store.stopCluster();
    const post = (path: string, headers: Record<string, string>, payload: object) =>
      fetch(base + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(payload),
      });
    const statuses = [
      (await fetch(`${base}/api/v1/runs`, { headers: identity })).status,
      (await post('/api/v1/runs', identity, { token: 'preview-token-1', reason: 'to see it fail', typedTarget: null }))
        .status,
      (await fetch(`${base}/api/v1/me`, { headers: { ...identity, 'x-grafana-id': `${identity['x-grafana-id']}x` } }))
        .status,
      (await post('/hooks/alertmanager', { authorization: `Bearer ${webhookToken}` }, {})).status,
      (await post('/hooks/alertmanager', { authorization: 'Bearer guessed-token' }, {})).status,
    ];
    assert.deepEqual(statuses, [503, 503, 401, 400, 401]);
    const told = noisy.told();
    assert.match(told, /unforeseen error/);
    for (const secret of [routeSecret, webhookToken, password, 'eyJ', 'preview-token-1', 'guessed-token']) {
      assert.ok(!told.includes(secret), `${secret} in ${told}`);
    }
  } finally {
    await noisy.stop();
  }
});
