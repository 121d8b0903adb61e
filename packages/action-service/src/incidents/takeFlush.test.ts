import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { listenForHooks, type IncidentHalfRunning } from '../test/startIncidentHalf.ts';
import { startMailSink, startSmsSink, type MailSink, type SmsSink } from '../test/startSinks.ts';
import { waitUntil } from '../test/startServer.ts';
import { startStore, type ScratchStore } from '../test/startStore.ts';
import { fingerprintOf } from '../alerts/fingerprint.ts';
import { acknowledge } from './acknowledge.ts';
import { momentsOf } from './moments.ts';
import { newestIncident } from './readIncidents.ts';

// Neither Prometheus nor Alertmanager answers here: the webhook alone must be enough to tell people.
const nowhere = 'http://127.0.0.1:1';
const person = { login: 'admin', name: 'Admin', email: '', role: 'Admin' as const };
let store: ScratchStore;
let sms: SmsSink;
let mail: MailSink;
let running: IncidentHalfRunning;

before(async () => {
  const hooks = await listenForHooks();
  [store, sms, mail] = await Promise.all([startStore(), startSmsSink(), startMailSink()]);
  running = await hooks.start(store, { prometheusUrl: nowhere, alertmanagerUrl: nowhere, smsUrl: sms.url, smtpUrl: mail.url }, { DFR_OPS_WATCHDOG_SECONDS: '5' }); // prettier-ignore
});
after(async () => {
  await running?.stop();
  await Promise.all([sms?.stop(), mail?.stop()]);
  await store?.stop();
});
beforeEach(() => {
  sms.refuse(null);
  sms.messages.length = 0;
});

const startsAt = new Date(Date.now() - 10_000).toISOString();
const labelsOf = (alertname: string) => ({ alertname, severity: 'critical', service: 'odoo', env: 'test' });

function flushOf(
  alertname: string,
  change: { status?: 'firing' | 'resolved'; startsAt?: string; endsAt?: string } = {}
) {
  const labels = labelsOf(alertname);
  const alert = { status: 'firing' as const, labels, annotations: {}, startsAt, endsAt: '0001-01-01T00:00:00Z', fingerprint: fingerprintOf(labels), ...change }; // prettier-ignore
  return {
    version: '4',
    groupKey: 'g',
    status: alert.status,
    receiver: 'r',
    groupLabels: {},
    externalURL: '',
    alerts: [alert],
  };
}

async function post(body: unknown, token = 'webhook-token'): Promise<number> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  return (await fetch(running.hookUrl, { method: 'POST', headers, body: JSON.stringify(body) })).status;
}

const kindsOf = async (alertname: string) => {
  const incident = await newestIncident(store.pool, fingerprintOf(labelsOf(alertname)));
  return incident ? (await momentsOf(store.pool, incident.id)).map(({ kind }) => kind) : [];
};
/** The SMS of one alert: those of another test may still be on their way. */
const told = (alertname: string) => sms.messages.filter(({ text }) => text.includes(` ${alertname} `));
const settled = () => new Promise((resolve) => setTimeout(resolve, 500));

test('a flush brought twice, at the same time too, is one incident and one SMS', async () => {
  const answers = await Promise.all([post(flushOf('Twice')), post(flushOf('Twice')), post(flushOf('Twice'))]);
  assert.deepEqual(answers, [200, 200, 200]);
  await waitUntil(async () => (await kindsOf('Twice')).includes('sms_accepted'), 'the SMS');
  await post(flushOf('Twice'));
  await settled();
  assert.equal(told('Twice').length, 1);
  assert.deepEqual((await kindsOf('Twice')).sort(), ['email_flushed', 'firing', 'sms_accepted']);
});

test('a wrong token and a wrong body change nothing', async () => {
  assert.equal(await post(flushOf('Forged'), 'another'), 401);
  assert.equal(await post({ alerts: 'none' }), 400);
  assert.deepEqual(await kindsOf('Forged'), []);
});

test('a late flush of an instance that is over opens nothing; one of a later instance does', async () => {
  await post(flushOf('Late'));
  const fingerprint = fingerprintOf(labelsOf('Late'));
  await store.pool.query(
    `UPDATE incidents SET state = 'resolved', normal_at = now(), resolved_at = now() WHERE fingerprint = $1`,
    [fingerprint]
  );
  await post(flushOf('Late'));
  assert.ok((await newestIncident(store.pool, fingerprint))!.resolved_at);
  await post(flushOf('Late', { startsAt: new Date(Date.now() + 1000).toISOString() }));
  assert.equal((await newestIncident(store.pool, fingerprint))!.resolved_at, null);
});

test('deliveries in the wrong order, and again: the end before the beginning opens nothing twice and ends nothing that fires', async () => {
  const fingerprint = fingerprintOf(labelsOf('Disorder'));
  const endsAt = new Date().toISOString();
  assert.equal(await post(flushOf('Disorder', { status: 'resolved', endsAt })), 200);
  assert.equal(await newestIncident(store.pool, fingerprint), null);
  assert.equal(told('Disorder').length, 0);
  await post(flushOf('Disorder'));
  await waitUntil(async () => told('Disorder').length === 1, 'the SMS');
  const first = (await newestIncident(store.pool, fingerprint))!;
  await post(flushOf('Disorder', { status: 'resolved', endsAt }));
  await post(flushOf('Disorder'));
  await settled();
  const same = (await newestIncident(store.pool, fingerprint))!;
  assert.deepEqual([same.id, same.state, same.normal_at], [first.id, 'firing', null]);
  assert.equal(told('Disorder').length, 1);
  assert.deepEqual((await kindsOf('Disorder')).sort(), ['email_flushed', 'firing', 'sms_accepted']);
});

test('a flush of many alerts with one known already tells of the others only', async () => {
  await post(flushOf('Grown1'));
  await waitUntil(async () => told('Grown1').length === 1, 'the first SMS');
  const [one] = flushOf('Grown1').alerts;
  const [two] = flushOf('Grown2').alerts;
  const [over] = flushOf('Grown3', { status: 'resolved', endsAt: new Date().toISOString() }).alerts;
  assert.equal(await post({ ...flushOf('Grown1'), alerts: [over, two, one, two] }), 200);
  await waitUntil(async () => told('Grown2').length === 1, 'the SMS of the new one');
  await settled();
  assert.deepEqual([told('Grown1').length, told('Grown2').length, told('Grown3').length], [1, 1, 0]);
});

test('a provider that is down is asked again; one that refuses is not, and the timeline says so', async () => {
  sms.refuse(503);
  await post(flushOf('Retried'));
  await settled();
  sms.refuse(null);
  await waitUntil(async () => (await kindsOf('Retried')).includes('sms_accepted'), 'the second attempt');
  assert.equal(told('Retried').length, 1);
  sms.refuse(400);
  await post(flushOf('Refused'));
  await waitUntil(async () => (await kindsOf('Refused')).includes('sms_failed'), 'the failure');
});

test('reminders go out after half an hour, unless somebody works on it', async () => {
  await post(flushOf('Again'));
  await waitUntil(async () => told('Again').length === 1, 'the first SMS');
  const age = () => store.pool.query(`UPDATE notices SET created_at = created_at - interval '31 minutes'`);
  await age();
  await post(flushOf('Again'));
  await waitUntil(async () => told('Again').length === 2, 'the reminder');
  assert.match(told('Again')[1]!.text, /^CRITICAL still Again/);
  await age();
  const incident = (await newestIncident(store.pool, fingerprintOf(labelsOf('Again'))))!;
  await acknowledge(store.pool, incident.id, person, { comment: 'on my way', minutes: 30 });
  await post(flushOf('Again'));
  await settled();
  assert.equal(told('Again').length, 2);
});

test('a receipt is booked at the provider’s time; a forged one is not', async () => {
  await post(flushOf('Receipt'));
  await waitUntil(async () => (await kindsOf('Receipt')).includes('sms_accepted'), 'the SMS');
  const { reference, callbackUrl } = told('Receipt')[0]!;
  const receipt = { id: 'p1', reference, status: 'delivered', at: '2026-07-28T03:14:07.000Z', error: null };
  const send = (url: string, body: unknown) =>
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  assert.equal((await send(callbackUrl!.replace(/token=.*/, 'token=guessed'), receipt)).status, 401);
  assert.equal((await send(callbackUrl!.replace(/token=.*/, 'token=webhook-token'), receipt)).status, 401);
  assert.equal((await kindsOf('Receipt')).includes('sms_delivered'), false);
  assert.equal((await send(callbackUrl!, receipt)).status, 200);
  assert.equal((await send(callbackUrl!, receipt)).status, 200);
  assert.equal((await send(callbackUrl!, { ...receipt, reference: 'unknown' })).status, 200);
  const incident = (await newestIncident(store.pool, fingerprintOf(labelsOf('Receipt'))))!;
  const delivered = (await momentsOf(store.pool, incident.id)).filter(({ kind }) => kind === 'sms_delivered');
  assert.deepEqual(
    delivered.map(({ at }) => at),
    [receipt.at]
  );
});

test('with the store down the SMS goes out all the same, once, and is booked when the store is back', async () => {
  await store.stopCluster();
  assert.equal(await post(flushOf('Storeless')), 503);
  assert.equal(await post(flushOf('Storeless')), 503);
  await waitUntil(async () => told('Storeless').length === 1, 'the SMS');
  assert.match(told('Storeless')[0]!.text, /CRITICAL.*Storeless/);
  await store.startCluster();
  await waitUntil(async () => (await post(flushOf('Storeless'))) === 200, 'the store');
  await settled();
  assert.equal(told('Storeless').length, 1);
  assert.ok((await kindsOf('Storeless')).includes('sms_accepted'));
});

test('Watchdog is heard; when it falls silent one SMS says so', async () => {
  assert.equal(running.half.watchdogAt(), null);
  await post(flushOf('Watchdog'));
  assert.deepEqual(await kindsOf('Watchdog'), []);
  assert.ok(Date.now() - running.half.watchdogAt()!.getTime() < 5000);
  assert.equal(sms.messages.length, 0);
  await waitUntil(async () => sms.messages.length === 1, 'the SMS of the silence');
  assert.match(sms.messages[0]!.text, /NO ALERTS ARRIVE/);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  assert.equal(sms.messages.length, 1);
});
