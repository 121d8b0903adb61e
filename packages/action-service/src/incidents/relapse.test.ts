import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createPrometheus } from '../connectors/prometheus.ts';
import { HOLDING_RULE, startAlertmanager, startExporter, startPrometheus, type Exporter } from '../test/startMonitoring.ts'; // prettier-ignore
import { listenForHooks, type IncidentHalfRunning } from '../test/startIncidentHalf.ts';
import { startMailSink, startSmsSink, type MailSink, type SmsSink } from '../test/startSinks.ts';
import { waitUntil, type RunningServer } from '../test/startServer.ts';
import { startStore, type ScratchStore } from '../test/startStore.ts';
import type { IncidentRow } from './incidentRow.ts';
import { momentsOf } from './moments.ts';
import { listIncidents } from './readIncidents.ts';

// The twin of the rule in Loki's ruler is this test: it alone tells Alertmanager, so that its word and Prometheus's differ.
let store: ScratchStore;
let exporter: Exporter;
let alertmanager: RunningServer;
let prometheus: RunningServer;
let sms: SmsSink;
let mail: MailSink;
let running: IncidentHalfRunning;

before(async () => {
  const hooks = await listenForHooks();
  [store, exporter, sms, mail, alertmanager] = await Promise.all([startStore(), startExporter(9), startSmsSink(), startMailSink(), startAlertmanager(hooks.hookUrl)]); // prettier-ignore
  prometheus = await startPrometheus({ exporterPort: exporter.port, alertmanagerUrl: 'http://127.0.0.1:1', rules: HOLDING_RULE }); // prettier-ignore
  running = await hooks.start(store, { prometheusUrl: prometheus.url, alertmanagerUrl: alertmanager.url, smsUrl: sms.url, smtpUrl: mail.url }); // prettier-ignore
});
after(async () => {
  await running?.stop();
  await Promise.all([prometheus?.stop(), alertmanager?.stop(), exporter?.stop(), sms?.stop(), mail?.stop()]);
  await store?.stop();
});

const all = () => listIncidents(store.pool, { state: 'all', limit: 10 });
const newest = async (): Promise<IncidentRow> => (await all())[0]!;
const kinds = async (id: string) => (await momentsOf(store.pool, id)).map(({ kind }) => kind);
const told = (word: string) => sms.messages.filter(({ text }) => text.startsWith(word)).length;

async function twinSays(labels: Record<string, string>, startsAt: Date, endsAt: Date): Promise<void> {
  const body = JSON.stringify([{ labels, annotations: {}, startsAt, endsAt }]);
  await fetch(`${alertmanager.url}/api/v2/alerts`, { method: 'POST', headers: { 'content-type': 'application/json' }, body }); // prettier-ignore
}

test('Prometheus is paused, wakes up normal and breaches again while Loki’s ruler holds on: one incident, told once, ended once', async () => {
  await waitUntil(async () => (await newest())?.state === 'firing', 'the incident');
  const { id, labels, firing_at } = await newest();
  await twinSays(labels, firing_at!, new Date(Date.now() + 600_000));
  await waitUntil(async () => told('CRITICAL') === 1, 'the SMS');

  process.kill(prometheus.pid, 'SIGSTOP');
  try {
    await waitUntil(async () => (await newest()).state === 'sight_lost', 'the lost sight');
    exporter.set(1);
  } finally {
    process.kill(prometheus.pid, 'SIGCONT');
  }
  await waitUntil(async () => (await newest()).normal_at !== null, 'the recovery, as Prometheus sees it');
  assert.equal((await newest()).state, 'firing');
  exporter.set(9);
  await waitUntil(async () => (await kinds(id)).includes('relapsed'), 'the relapse');
  const asked = createPrometheus({ name: 'p', url: prometheus.url, timeoutMs: 3000 });
  await waitUntil(async () => (await asked.alerts()).some(({ labels: of, state }) => of.alertname === 'TestSignalHigh' && state === 'firing'), 'Prometheus to fire it again'); // prettier-ignore
  await running.half.reconcileNow();
  const again = await newest();
  assert.deepEqual([again.id, again.state, again.normal_at, (await all()).length], [id, 'firing', null, 1]);
  assert.deepEqual([told('CRITICAL'), told('RESOLVED'), mail.mails.length], [1, 0, 0]);

  exporter.set(1);
  await waitUntil(async () => (await newest()).normal_at !== null, 'the recovery');
  await twinSays(labels, firing_at!, new Date());
  await waitUntil(async () => told('RESOLVED') === 1 && mail.mails.length === 1, 'the notices of the end');
  assert.deepEqual((await all()).map(({ id: one, state }) => [one, state]), [[id, 'resolved']]); // prettier-ignore
});
