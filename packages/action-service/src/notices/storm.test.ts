import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { SmsMessage } from '@dfr-ops/contracts';
import { Registry } from 'prom-client';
import { SmsError } from '../connectors/smsError.ts';
import { momentsOf } from '../incidents/moments.ts';
import { takeReceipt } from '../incidents/takeReceipt.ts';
import { fire, openIncident } from '../incidents/transitions.ts';
import { silentLog, startStore, type ScratchStore } from '../test/startStore.ts';
import { waitUntil } from '../test/startServer.ts';
import { listNotices, resendNotice } from './deadNotices.ts';
import { createEmergencySms } from './emergencySms.ts';
import { createNoticeMetrics } from './noticeMetrics.ts';
import { numbersTold, queueNotice, type NoticeKind } from './noticeStore.ts';
import { createNoticeSender, pauseSeconds, type NoticeSender } from './sendNotices.ts';

const number = '+23276123456';
const publicUrl = 'http://127.0.0.1:13000';
const ada = { login: 'ada', name: 'Ada', email: '', role: 'Editor' as const };
let store: ScratchStore;
let sent: SmsMessage[] = [];
let refusal: SmsError | null = null;
const provider = {
  send: async (message: SmsMessage) => {
    if (refusal) {
      throw refusal;
    }
    sent.push(message);
    return { id: `p${sent.length}` };
  },
};
const sms = { provider, from: 'DFR', callbackUrl: 'http://127.0.0.1:1/' };
let sender: NoticeSender | null = null;

before(async () => (store = await startStore()));
after(() => store?.stop());
beforeEach(async () => {
  sent = [];
  refusal = null;
  await store.pool.query('DELETE FROM notices; DELETE FROM incidents');
});

async function incident(name: string, severity: string): Promise<string> {
  const at = new Date();
  const row = await openIncident(store.pool, { fingerprint: name, labels: { alertname: name, severity }, annotations: {}, origin: 'prometheus', openedAt: at, lastSeenAt: at, value: 1 }); // prettier-ignore
  await fire(store.pool, row!, at, 'alertmanager', 1);
  return row!.id;
}
async function queue(name: string, severity: string, kind: NoticeKind = 'sms_firing', to = number): Promise<string> {
  const incidentId = await incident(name, severity);
  await queueNotice(store.pool, { reference: `${incidentId}/${kind}/${to}`, incidentId, kind, recipient: to, text: `SMS of ${name}` }); // prettier-ignore
  return incidentId;
}
/** Sends until nothing is due any more, with this rate. */
async function send(count = 30, seconds = 600): Promise<void> {
  sender = createNoticeSender(store.pool, { sms, mail: null }, { count, seconds, publicUrl }, silentLog, createNoticeMetrics(new Registry())); // prettier-ignore
  sender.wake();
  await sender.stop();
}
const texts = () => sent.map(({ text }) => text);
const kinds = async (id: string) => (await momentsOf(store.pool, id)).map(({ kind }) => kind);

test('five at one time go singly', async () => {
  for (let index = 0; index < 5; index++) {
    await queue(`A${index}`, 'high');
  }
  await send();
  assert.equal(sent.length, 5);
  assert.ok(texts().every((text) => text.startsWith('SMS of A')));
});

test('in a storm the four most severe go singly and one tells of the rest; every incident says so', async () => {
  const ids: string[] = [];
  for (let index = 0; index < 14; index++) {
    ids.push(await queue(`W${index}`, index < 9 ? 'warning' : 'high'));
  }
  for (let index = 0; index < 5; index++) {
    ids.push(await queue(`C${index}`, 'critical'));
  }
  await send();
  assert.deepEqual(texts().filter((text) => text.startsWith('SMS of')).sort(), ['SMS of C0', 'SMS of C1', 'SMS of C2', 'SMS of C3']); // prettier-ignore
  const digests = sent.filter(({ text }) => !text.startsWith('SMS of'));
  assert.equal(digests.length, 1);
  assert.equal(digests[0]!.text, `CRITICAL C4 and 14 more fire: 1 critical, 5 high, 9 warning\n${publicUrl}/a/dfr-ops-app/alerts`); // prettier-ignore
  for (const id of ids) {
    assert.ok((await kinds(id)).includes('sms_accepted'));
    assert.deepEqual(await numbersTold(store.pool, id), [number]);
  }
  await takeReceipt(store.pool, { id: 'p', reference: digests[0]!.reference, status: 'delivered', at: new Date().toISOString(), error: null }); // prettier-ignore
  assert.ok((await kinds(ids[0]!)).includes('sms_delivered'));
  assert.ok(!(await kinds(ids.at(-5)!)).includes('sms_delivered'));
  await send();
  assert.equal(sent.length, 5);
  // To the rate the one that told of fifteen is one.
  await queue('Next', 'high');
  await send(6);
  assert.equal(texts().at(-1), 'SMS of Next');
});

test('the ends of a storm are told together too, and apart from what fires', async () => {
  for (let index = 0; index < 7; index++) {
    await queue(`R${index}`, 'high', 'sms_resolved');
  }
  await queue('F', 'high');
  await send();
  assert.equal(sent.length, 6);
  assert.ok(texts().includes(`RESOLVED R4 and 2 more: 3 high\n${publicUrl}/a/dfr-ops-app/incidents`));
  assert.ok(texts().includes('SMS of F'));
});

test('a number gets no more than its rate; what waits is told together once there is room; another number is not held up', async () => {
  for (const name of ['A', 'B', 'C']) {
    await queue(name, 'high');
  }
  await send(3);
  assert.equal(sent.length, 3);
  const late = await queue('D', 'high');
  await queue('E', 'critical');
  await queue('Other', 'high', 'sms_firing', '+23276999999');
  await send(3);
  assert.deepEqual(texts().slice(3), ['SMS of Other']);
  assert.ok(!(await kinds(late)).includes('sms_accepted'));
  await store.pool.query(`UPDATE notices SET accepted_at = accepted_at - interval '11 minutes', due_at = now() WHERE recipient = $1`, [number]); // prettier-ignore
  await send(3);
  assert.deepEqual(texts().slice(4).sort(), ['SMS of D', 'SMS of E']);
  for (const name of ['G', 'H']) {
    await queue(name, 'high');
  }
  await send(3);
  assert.match(texts()[6]!, /^HIGH G and 1 more fire: 2 high/);
  assert.equal(sent.length, 7);
});

test('that no alerts arrive is told whatever the rate', async () => {
  await queue('A', 'high');
  await send(2);
  await queue('B', 'high');
  await send(2);
  await queueNotice(store.pool, { reference: 'w', incidentId: null, kind: 'sms_watchdog', recipient: number, text: 'NO ALERTS ARRIVE' }); // prettier-ignore
  await send(2);
  assert.equal(texts().at(-1), 'NO ALERTS ARRIVE');
});

test('a provider that asks to be left alone is', async () => {
  refusal = new SmsError('The SMS provider answered 429: slow down', false, { retryAfterSeconds: 120 });
  await queue('A', 'high');
  await send();
  const { rows } = await store.pool.query(`SELECT state, attempts, error, extract(epoch FROM due_at - now())::float8 AS wait FROM notices`); // prettier-ignore
  assert.deepEqual([rows[0].state, rows[0].attempts, rows[0].error], ['queued', 1, refusal.message]);
  assert.ok(rows[0].wait > 115 && rows[0].wait <= 120, `${rows[0].wait}`);
});

test('pauses grow, and no two are alike', () => {
  const first = Array.from({ length: 50 }, () => pauseSeconds(3));
  assert.ok(first.every((pause) => pause >= 3 && pause <= 5));
  assert.ok(new Set(first).size > 40);
  assert.ok(pauseSeconds(30) <= 375);
});

test('what is refused is listed as dead, and a person sends it again under a new reference, once', async () => {
  refusal = new SmsError('The SMS provider answered 400: no such number', true);
  const id = await queue('A', 'high');
  await send();
  const [dead] = await listNotices(store.pool, { state: 'dead', limit: 10 });
  assert.deepEqual([dead?.alertName, dead?.to, dead?.error], ['A', 'SMS to +23276***456', refusal.message]);
  assert.deepEqual(await listNotices(store.pool, { state: 'waiting', limit: 10 }), []);
  refusal = null;
  assert.equal((await resendNotice(store.pool, dead!.id, ada)).state, 'queued');
  await assert.rejects(resendNotice(store.pool, dead!.id, ada), /The notice is queued/);
  await assert.rejects(resendNotice(store.pool, 4711, ada), /no such notice/);
  await send();
  assert.equal(sent[0]!.reference, `${id}/sms_firing/${number}~1`);
  assert.deepEqual((await kinds(id)).slice(-2), ['sms_failed', 'sms_accepted']);
  assert.deepEqual(await listNotices(store.pool, { state: 'dead', limit: 10 }), []);
  assert.equal((await listNotices(store.pool, { state: 'sent', limit: 10 })).length, 1);
  const audited = await store.pool.query(`SELECT actor, data ->> 'error' AS error FROM audit_events WHERE kind = 'notice.resent'`); // prettier-ignore
  assert.deepEqual(audited.rows, [{ actor: 'ada', error: 'The SMS provider answered 400: no such number' }]);
});

test('a digest that failed is dead as one, and sent again as one', async () => {
  refusal = new SmsError('no such number', true);
  const ids = [];
  for (let index = 0; index < 8; index++) {
    ids.push(await queue(`A${index}`, 'high'));
  }
  await send();
  const dead = await listNotices(store.pool, { state: 'dead', limit: 10 });
  assert.deepEqual(dead.map(({ toldTogether }) => toldTogether), [4, 0, 0, 0, 0]); // prettier-ignore
  assert.ok((await kinds(ids.at(-1)!)).includes('sms_failed'));
  refusal = null;
  await resendNotice(store.pool, dead[0]!.id, ada);
  await send();
  assert.equal(sent.length, 1);
  assert.ok((await kinds(ids.at(-1)!)).includes('sms_accepted'));
});

test('with the store down a storm is told in five SMS, and what was told is known when it is back', async () => {
  const emergency = createEmergencySms(sms, [number], { count: 30, seconds: 600, publicUrl }, silentLog, { failed: () => {} }); // prettier-ignore
  for (let index = 0; index < 19; index++) {
    emergency.tell(`f${index}`, 'now', `SMS of A${index}`, { alert_name: `A${index}`, severity: index < 5 ? 'critical' : 'high' }); // prettier-ignore
  }
  emergency.tell('f18', 'now', 'SMS of A18', { alert_name: 'A18', severity: 'high' });
  emergency.leaveToStore('f17', 'now');
  assert.deepEqual(emergency.take('f17'), []);
  await waitUntil(async () => sent.length === 5, 'the SMS', 8);
  assert.deepEqual(texts().slice(0, 4), ['SMS of A0', 'SMS of A1', 'SMS of A2', 'SMS of A3']);
  assert.match(texts()[4]!, /^CRITICAL A4 and 13 more fire: 1 critical, 13 high/);
  assert.equal(emergency.take('f10')[0]!.providerId, 'p5');
  emergency.tell('watchdog', 'now', 'NO ALERTS ARRIVE');
  await waitUntil(async () => texts().at(-1) === 'NO ALERTS ARRIVE', 'what keeps to no rate');
});
