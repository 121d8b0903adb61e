import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Registry } from 'prom-client';
import type { Person } from '@dfr-ops/contracts';
import { buildApp } from '../app.ts';
import { SmsError } from '../connectors/smsError.ts';
import type { Deps } from '../deps.ts';
import { createTestNotices } from '../notices/testNotices.ts';
import type { Channels } from '../notices/channels.ts';
import { silentLog, startStore, type ScratchStore } from '../test/startStore.ts';
import type { App } from './app.ts';

let app: App;
let store: ScratchStore;
let role: Person['role'] = 'Admin';
let now = Date.now();
const sent: Array<{ to: string }> = [];
const channels: Channels = {
  mail: { send: async (mail) => void sent.push(mail), close: () => {} },
  sms: {
    from: 'DFR',
    callbackUrl: 'http://127.0.0.1:1/hooks',
    provider: {
      send: async (message) => {
        if (message.to === '+00000000') {
          throw new SmsError('The SMS provider answered 400: unknown number', true);
        }
        sent.push(message);
        return { id: '1' };
      },
    },
  },
};
const testNotices = createTestNotices(channels, () => new Date(now));

before(async () => {
  store = await startStore();
  const deps = {
    config: { secret: 's', webhookToken: 't' },
    log: silentLog,
    store: store.pool,
    metrics: new Registry(),
    now: () => new Date(now),
    identity: { verify: async () => ({ login: 'ada', name: 'Ada', email: '', role }) },
    incidents: {
      receiptToken: 'r',
      testNotices,
      takeReceipt: async (receipt: never) => void testNotices.takeReceipt(receipt),
    },
    doctor: {
      look: async () => ({ at: new Date(now).toISOString(), version: '1', postgresSkewSeconds: 0, checks: [] }),
    },
  };
  app = await buildApp(deps as unknown as Deps);
});
after(async () => {
  await app?.close();
  await store?.stop();
});

const headers = { 'x-dfr-ops-secret': 's' };
const send = (payload: object, url = '/doctor/notices') => {
  now += 6000;
  return app.inject({ method: 'POST', url, headers, payload });
};

test('administrators may ask through Grafana, others may not', async () => {
  assert.equal((await app.inject({ url: '/api/v1/doctor', headers })).statusCode, 200);
  role = 'Editor';
  assert.equal((await app.inject({ url: '/api/v1/doctor', headers })).statusCode, 403);
  assert.equal((await send({ mail: 'a@dfr.example', sms: null }, '/api/v1/doctor/notices')).statusCode, 403);
  role = 'Admin';
});

test("with the route's secret alone it answers at the root, without it never", async () => {
  assert.equal((await app.inject({ url: '/doctor', headers })).statusCode, 200);
  assert.equal((await app.inject({ url: '/doctor' })).statusCode, 403);
  assert.equal((await app.inject({ method: 'POST', url: '/doctor/notices', payload: {} })).statusCode, 403);
});

test('a test goes to those who are named, and its receipt is booked', async () => {
  sent.length = 0;
  const { notices } = (await send({ mail: 'someone@dfr.example', sms: '+23276000001' })).json();
  assert.deepEqual(
    sent.map(({ to }) => to),
    ['someone@dfr.example', '+23276000001']
  );
  assert.deepEqual(
    notices.map((one: { state: string }) => one.state),
    ['accepted', 'accepted']
  );
  const { reference } = notices[1];
  const receipt = { id: '1', reference, status: 'delivered', at: new Date().toISOString(), error: null };
  await app.inject({ method: 'POST', url: '/hooks/sms-delivery?token=r', payload: receipt });
  const known = await app.inject({ url: `/doctor/notices/${reference}`, headers });
  assert.equal(known.json().state, 'delivered');
  assert.equal((await app.inject({ url: '/doctor/notices/unknown', headers })).statusCode, 404);
});

test('a refusal is told, a second one at once is held back, a wrong number is no request', async () => {
  const { notices } = (await send({ mail: null, sms: '+00000000' })).json();
  assert.deepEqual([notices[0].state, /unknown number/.test(notices[0].error)], ['failed', true]);
  now -= 6000;
  assert.equal((await send({ mail: null, sms: '+23276000001' })).statusCode, 429);
  assert.equal((await send({ mail: null, sms: '076' })).statusCode, 400);
});

test('who asked for a test, and for whom, stands in the audit trail; what was held back or refused does not', async () => {
  const audited = async () =>
    (await store.pool.query(`SELECT actor, kind, data FROM audit_events ORDER BY seq`)).rows.slice(known);
  const known = (await store.pool.query('SELECT 1 FROM audit_events')).rowCount ?? 0;
  await send({ mail: 'a@dfr.example', sms: '+23276000001' }, '/api/v1/doctor/notices');
  await send({ mail: 'b@dfr.example', sms: null });
  now -= 6000;
  assert.equal((await send({ mail: 'c@dfr.example', sms: null })).statusCode, 429);
  role = 'Editor';
  assert.equal((await send({ mail: 'd@dfr.example', sms: null }, '/api/v1/doctor/notices')).statusCode, 403);
  role = 'Admin';
  assert.deepEqual(await audited(), [
    { actor: 'ada', kind: 'notice.test', data: { mail: 'a@dfr.example', sms: '+23276000001' } },
    { actor: 'whoever has the secret', kind: 'notice.test', data: { mail: 'b@dfr.example', sms: null } },
  ]);
});

test('a store that is down holds no test back', async () => {
  await store.stopCluster();
  sent.length = 0;
  const { notices } = (await send({ mail: 'someone@dfr.example', sms: null })).json();
  assert.equal(notices[0].state, 'accepted');
  assert.equal(sent.length, 1);
  await store.startCluster();
});
