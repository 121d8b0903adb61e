import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { buildApp } from '../app.ts';
import type { Deps } from '../deps.ts';

let atWork = 0;
let most = 0;
const app = await buildApp({
  log: pino({ level: 'silent' }),
  metrics: new Registry(),
  now: () => new Date(),
  config: { secret: 'route-secret' },
  identity: { verify: async (login: string) => ({ login, name: login, email: '', role: 'Viewer' }) },
  incidents: { alerts: async () => null },
  actions: {
    offer: async () => {
      atWork += 1;
      most = Math.max(most, atWork);
      await sleep(50);
      atWork -= 1;
      return { at: new Date().toISOString(), actions: [], frozen: 'x'.repeat(5000), freeze: null };
    },
  },
} as unknown as Deps);
after(() => app.close());
beforeEach(() => (most = 0));

const ask = (login: string, path = '/actions') =>
  app.inject({
    url: `/api/v1${path}`,
    headers: { 'x-dfr-ops-secret': 'route-secret', 'x-grafana-id': login, 'accept-encoding': 'gzip' },
  });

test('one person’s costly requests wait for each other, and nobody waits for them', async () => {
  const many = Array.from({ length: 40 }, () => ask('ann'));
  await sleep(20);
  const begun = performance.now();
  assert.equal((await ask('bob')).statusCode, 200);
  assert.ok(performance.now() - begun < 300, 'bob waited for ann');
  assert.deepEqual(new Set((await Promise.all(many)).map(({ statusCode }) => statusCode)), new Set([200]));
  assert.equal(most, 5);
});

test('a refused request gives its turn back', async () => {
  for (let tries = 0; tries < 10; tries += 1) {
    assert.equal((await ask('cleo', '/alerts?filter=%3D%3D')).statusCode, 400);
  }
  assert.equal((await ask('cleo')).statusCode, 200);
});

test('a loop that runs away is refused, and nobody else with it', async () => {
  const answers = [];
  for (let sent = 0; sent < 3001; sent += 1) {
    answers.push((await ask('dan', '/me')).statusCode);
  }
  assert.equal(answers.filter((status) => status === 200).length, 3000);
  const refused = await ask('dan', '/me');
  assert.equal(refused.statusCode, 429);
  assert.match(String(refused.headers['content-type']), /^application\/problem\+json/);
  assert.match(refused.json().todo, /try again in \d+ s/);
  assert.equal((await ask('bob', '/me')).statusCode, 200);
});

test('a large answer is compressed for who takes it so', async () => {
  const answer = await ask('bob');
  assert.equal(answer.headers['content-encoding'], 'gzip');
  assert.ok(answer.rawPayload.length < 500);
  assert.match(gunzipSync(answer.rawPayload).toString(), /"frozen":"x{5000}"/);
  assert.equal((await ask('bob', '/me')).headers['content-encoding'], undefined);
});
