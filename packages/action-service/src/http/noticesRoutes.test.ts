import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Notice, Person } from '@dfr-ops/contracts';
import { Registry } from 'prom-client';
import { buildApp } from '../app.ts';
import type { Deps } from '../deps.ts';
import { queueNotice } from '../notices/noticeStore.ts';
import { silentLog, startStore, type ScratchStore } from '../test/startStore.ts';
import type { App } from './app.ts';

let store: ScratchStore;
let app: App;
let role: Person['role'] = 'Viewer';
let woken = 0;

before(async () => {
  store = await startStore();
  const deps = {
    config: { secret: 's', webhookToken: 't' },
    log: silentLog,
    metrics: new Registry(),
    store: store.pool,
    now: () => new Date(),
    identity: { verify: async () => ({ login: 'ada', name: 'Ada', email: '', role }) },
    incidents: { receiptToken: 'r', wakeNotices: () => void woken++ },
  };
  app = await buildApp(deps as unknown as Deps);
  for (const reference of ['dead', 'waiting']) {
    await queueNotice(store.pool, { reference, incidentId: null, kind: 'sms_watchdog', recipient: '+23276123456', text: reference }); // prettier-ignore
  }
  await store.pool.query(`UPDATE notices SET state = 'failed', error = 'no credit' WHERE reference = 'dead'`);
});
after(async () => {
  await app?.close();
  await store?.stop();
});

const headers = { 'x-dfr-ops-secret': 's' };
const list = async (query: string): Promise<Notice[]> => (await app.inject({ url: `/api/v1/notices${query}`, headers })).json().notices; // prettier-ignore
const resend = (id: number | string) => app.inject({ method: 'POST', url: `/api/v1/notices/${id}/resend`, headers });

test('the dead are listed with their reason and without the whole number; a wrong state is refused', async () => {
  const [dead, ...others] = await list('?state=dead');
  assert.deepEqual([dead?.text, dead?.error, dead?.to, others.length], ['dead', 'no credit', 'SMS to +23276***456', 0]);
  assert.deepEqual((await list('?state=waiting')).map(({ text }) => text), ['waiting']); // prettier-ignore
  assert.equal((await list('')).length, 2);
  assert.equal((await app.inject({ url: '/api/v1/notices?state=gone', headers })).statusCode, 400);
});

test('a person who may act sends it again; a viewer may not, and what is not dead or not there is not sent', async () => {
  const [dead] = await list('?state=dead');
  const [waiting] = await list('?state=waiting');
  role = 'Viewer';
  assert.equal((await resend(dead!.id)).statusCode, 403);
  role = 'Editor';
  assert.equal((await resend(waiting!.id)).json().code, 'notice_not_dead');
  assert.equal((await resend(4711)).statusCode, 404);
  assert.equal((await resend('x')).statusCode, 400);
  assert.equal(woken, 0);
  const answer = await resend(dead!.id);
  assert.deepEqual([answer.statusCode, answer.json().state, woken], [200, 'queued', 1]);
  assert.deepEqual(await list('?state=dead'), []);
});
