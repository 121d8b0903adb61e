import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { fingerprintOf } from '../alerts/fingerprint.ts';
import { listenForHooks, type IncidentHalfRunning } from '../test/startIncidentHalf.ts';
import { startProvider, type Provider } from '../test/startProvider.ts';
import { waitUntil } from '../test/startServer.ts';
import { startStore, type ScratchStore } from '../test/startStore.ts';
import { momentsOf } from './moments.ts';
import { newestIncident } from './readIncidents.ts';

const nowhere = 'http://127.0.0.1:1';
let store: ScratchStore;
let provider: Provider;
let running: IncidentHalfRunning;

before(async () => {
  const hooks = await listenForHooks();
  [store, provider] = await Promise.all([startStore(), startProvider({ status: 201, body: '{"sid":"SM1"}' })]);
  const addresses = { prometheusUrl: nowhere, alertmanagerUrl: nowhere, smsUrl: provider.url, smtpUrl: 'smtp://127.0.0.1:1' }; // prettier-ignore
  running = await hooks.start(store, addresses, {
    SMS_PROVIDER: 'twilio',
    SMS_PROVIDER_ACCOUNT: 'AC1',
    SMS_TO: '+23276000001;+23276000002',
    DFR_OPS_WATCHDOG_SECONDS: '5',
  });
});
after(async () => {
  await running?.stop();
  await provider?.stop();
  await store?.stop();
});

const labels = { alertname: 'OdooDown', severity: 'critical', service: 'odoo', env: 'test' };
async function flush(of: Record<string, string>): Promise<void> {
  const alert = { status: 'firing', labels: of, annotations: {}, startsAt: new Date().toISOString(), endsAt: '0001-01-01T00:00:00Z', fingerprint: fingerprintOf(of) }; // prettier-ignore
  const body = { version: '4', groupKey: 'g', status: 'firing', receiver: 'r', groupLabels: {}, externalURL: '', alerts: [alert] }; // prettier-ignore
  const headers = { 'content-type': 'application/json', authorization: 'Bearer webhook-token' };
  assert.equal((await fetch(running.hookUrl, { method: 'POST', headers, body: JSON.stringify(body) })).status, 200);
}
const forms = () => provider.requests.map(({ body }) => new URLSearchParams(body));
const kinds = async () => {
  const incident = await newestIncident(store.pool, fingerprintOf(labels));
  return (await momentsOf(store.pool, incident!.id)).map(({ kind }) => kind);
};

/** Calls back as Twilio does; the service's token of the test is the signing one. */
async function callBack(url: string, form: Record<string, string>, token: string): Promise<number> {
  const signed = url + Object.keys(form).sort().map((name) => name + form[name]).join(''); // prettier-ignore
  const signature = createHmac('sha1', token).update(signed).digest('base64');
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signature };
  return (await fetch(url, { method: 'POST', headers, body: new URLSearchParams(form) })).status;
}

test('an SMS by Twilio’s way is accepted, and delivered when a signed callback says so; a forged one changes nothing', async () => {
  await flush(labels);
  await waitUntil(async () => (await kinds()).includes('sms_accepted'), 'the acceptance');
  assert.deepEqual(forms().map((form) => form.get('To')), ['+23276000001']); // prettier-ignore
  const url = forms()[0]!.get('StatusCallback')!;
  const form = { MessageSid: 'SM1', MessageStatus: 'delivered', To: '+23276000001' };
  assert.equal(await callBack(url, form, 'guessed'), 401);
  assert.equal(await callBack(`${url.split('?')[0]}?reference=other`, { ...form, MessageStatus: '' }, 'guessed'), 401);
  const unsigned = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  assert.equal(unsigned.status, 401);
  assert.ok(!(await kinds()).includes('sms_delivered'));
  assert.equal(await callBack(url, { ...form, MessageStatus: 'sent' }, 'webhook-token'), 200);
  assert.ok(!(await kinds()).includes('sms_delivered'));
  assert.equal(await callBack(url, form, 'webhook-token'), 200);
  assert.equal(await callBack(url, form, 'webhook-token'), 200);
  assert.equal((await kinds()).filter((kind) => kind === 'sms_delivered').length, 1);
});

test('a test notice goes by the same way, and says what came of it', async () => {
  const [notice] = await running.half.testNotices.send({ mail: null, sms: '+23276000009' });
  assert.equal(notice!.state, 'accepted');
  const url = forms().at(-1)!.get('StatusCallback')!;
  await callBack(url, { MessageSid: 'SM1', MessageStatus: 'undelivered', ErrorCode: '30003' }, 'webhook-token');
  const known = running.half.testNotices.find(notice!.reference)!;
  assert.deepEqual([known.state, known.error], ['failed', 'the provider says undelivered (30003)']);
});

test('when Watchdog falls silent, every contact hears of it', async () => {
  const before = provider.requests.length;
  await flush({ alertname: 'Watchdog' });
  await waitUntil(async () => provider.requests.length >= before + 2, 'the SMS of the silence');
  const told = forms().slice(before).filter((form) => form.get('Body')!.startsWith('NO ALERTS ARRIVE')); // prettier-ignore
  assert.deepEqual(told.map((form) => form.get('To')).sort(), ['+23276000001', '+23276000002']);
});
