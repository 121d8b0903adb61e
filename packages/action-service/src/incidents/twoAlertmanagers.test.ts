import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { listenForHooks, type IncidentHalfRunning } from '../test/startIncidentHalf.ts';
import { startAlertmanager } from '../test/startMonitoring.ts';
import { startMailSink, startSmsSink, type MailSink, type SmsSink } from '../test/startSinks.ts';
import { freePort } from '../../../stand-ins/src/test/freePort.ts';
import { waitUntil, type RunningServer } from '../test/startServer.ts';
import { startStore, type ScratchStore } from '../test/startStore.ts';
import { momentsOf } from './moments.ts';
import { listIncidents } from './readIncidents.ts';

let store: ScratchStore;
let sms: SmsSink;
let mail: MailSink;
let pair: RunningServer[] = [];
let running: IncidentHalfRunning;

before(async () => {
  const hooks = await listenForHooks();
  const [one, other] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  [store, sms, mail, ...pair] = await Promise.all([
    startStore(),
    startSmsSink(),
    startMailSink(),
    startAlertmanager(hooks.hookUrl, { listen: one, peer: other }),
    startAlertmanager(hooks.hookUrl, { listen: other, peer: one }),
  ]);
  running = await hooks.start(store, {
    prometheusUrl: 'http://127.0.0.1:1',
    alertmanagerUrl: pair.map(({ url }) => url).join(','),
    smsUrl: sms.url,
    smtpUrl: mail.url,
  });
});
after(async () => {
  await running?.stop();
  await Promise.all([...pair.map((one) => one.stop()), sms?.stop(), mail?.stop()]);
  await store?.stop();
});

const headers = { 'content-type': 'application/json' };
/** As Prometheus does: to all of them, whoever is dead. */
async function raise(alertname: string): Promise<void> {
  const alert = { labels: { alertname, severity: 'critical', service: 'odoo', env: 'test' }, startsAt: new Date().toISOString() }; // prettier-ignore
  const body = JSON.stringify([alert]);
  await Promise.allSettled(pair.map(({ url }) => fetch(`${url}/api/v2/alerts`, { method: 'POST', headers, body })));
}
const told = (alertname: string) => sms.messages.filter(({ text }) => text.includes(` ${alertname} `)).length;
const shown = async () => (await running.half.alerts([]))!.answer;

test('an alert that both have is one alert, one incident, one mail and one SMS', async () => {
  await raise('OfBoth');
  await waitUntil(async () => told('OfBoth') === 1, 'the SMS');
  await waitUntil(async () => (await shown()).alerts[0]?.receivedBy.length === 2, 'both to have it');
  await new Promise((resolve) => setTimeout(resolve, 6000));
  assert.equal(told('OfBoth'), 1);
  assert.equal((await shown()).alerts.length, 1);
  const incidents = await listIncidents(store.pool, { state: 'all', limit: 10 });
  assert.equal(incidents.length, 1);
  const flushed = (await momentsOf(store.pool, incidents[0]!.id)).filter(({ kind }) => kind === 'email_flushed');
  assert.equal(flushed.length, 1);
});

test('one dead is said, hides nothing, and the other tells of what comes', async () => {
  await pair[0]!.stop();
  await waitUntil(
    async () => (await shown()).sources.some(({ name, ok }) => name === 'Alertmanager 1' && !ok),
    'the dead one to be named'
  );
  const { alerts, sources } = await shown();
  assert.equal(sources.find(({ name }) => name === 'Alertmanager 2')?.ok, true);
  assert.deepEqual(
    alerts.map(({ name, receivedBy }) => [name, receivedBy]),
    [['OfBoth', ['Alertmanager 2']]]
  );
  await raise('OfTheOther');
  await waitUntil(async () => told('OfTheOther') === 1, 'the SMS by the other one');
  assert.equal(told('OfBoth'), 1);
});
