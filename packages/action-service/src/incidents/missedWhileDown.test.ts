import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  HOLDING_RULE,
  startAlertmanager,
  startExporter,
  startPrometheus,
  type Exporter,
} from '../test/startMonitoring.ts';
import { listenForHooks, type IncidentHalfRunning } from '../test/startIncidentHalf.ts';
import { startMailSink, startSmsSink, type MailSink, type SmsSink } from '../test/startSinks.ts';
import { waitUntil, type RunningServer } from '../test/startServer.ts';
import { startStore, type ScratchStore } from '../test/startStore.ts';
import type { IncidentRow } from './incidentRow.ts';
import { momentsOf } from './moments.ts';
import { listIncidents } from './readIncidents.ts';

const [first, second] = ['+23276123456', '+23276654321'];
let store: ScratchStore;
let exporter: Exporter;
let alertmanager: RunningServer;
let prometheus: RunningServer;
let sms: SmsSink;
let mail: MailSink;
let hooks: Awaited<ReturnType<typeof listenForHooks>>;
let running: IncidentHalfRunning | null = null;

/** The port of the webhook stays open; what is behind it comes and goes, as a service that is down answers no flush. */
async function startService(): Promise<void> {
  const addresses = { prometheusUrl: prometheus.url, alertmanagerUrl: alertmanager.url, smsUrl: sms.url, smtpUrl: mail.url }; // prettier-ignore
  running = await hooks.start(store, addresses, { SMS_TO: `${first};${second}` });
}
async function stopService(): Promise<void> {
  await running?.stopHalf();
  hooks.refuse(true);
}
const TARGETS = `      - record: dfr_ops_response_target_seconds
        expr: vector(900)
        labels: { severity: critical, step: acknowledge }
`;

before(async () => {
  hooks = await listenForHooks();
  [store, exporter, sms, mail, alertmanager] = await Promise.all([startStore(), startExporter(1), startSmsSink(), startMailSink(), startAlertmanager(hooks.hookUrl)]); // prettier-ignore
  prometheus = await startPrometheus({ exporterPort: exporter.port, alertmanagerUrl: alertmanager.url, rules: HOLDING_RULE + TARGETS }); // prettier-ignore
});
after(async () => {
  await running?.stop();
  await Promise.all([prometheus?.stop(), alertmanager?.stop(), exporter?.stop(), sms?.stop(), mail?.stop()]);
  await store?.stop();
});

const all = () => listIncidents(store.pool, { state: 'all', limit: 10 });
const newest = async (): Promise<IncidentRow | undefined> => (await all())[0];
const kinds = async (id: string) => (await momentsOf(store.pool, id)).map(({ kind }) => kind);
const told = (word: string, number = first) =>
  sms.messages.filter(({ text, to }) => to === number && text.startsWith(word)).length;
/** What Alertmanager says of the alert now. */
async function received(): Promise<Array<{ status: { silencedBy: string[] }; startsAt: string }>> {
  const response = await fetch(`${alertmanager.url}/api/v2/alerts?filter=${encodeURIComponent('alertname="TestSignalHigh"')}`); // prettier-ignore
  return (await response.json()) as Awaited<ReturnType<typeof received>>;
}
const since = (ms: number) => store.pool.query(`UPDATE heartbeats SET heard_at = now() - make_interval(secs => $1) WHERE name = 'Reconciler'`, [ms / 1000]); // prettier-ignore

test('an alert that fired while the service was down has an incident at its start, since when it fires, and is told', async () => {
  await startService();
  await waitUntil(async () => running!.half.sources().some(({ kind, ok }) => kind === 'prometheus' && ok), 'a look');
  await stopService();
  exporter.set(9);
  await waitUntil(async () => (await received()).length === 1, 'Alertmanager to have it');
  await new Promise((resolve) => setTimeout(resolve, 3000));
  assert.equal((await all()).length, 0);
  hooks.refuse(false);
  await startService();
  await waitUntil(
    async () => (await newest())?.state === 'firing' && told('CRITICAL') === 1,
    'the incident and its SMS'
  );
  const row = (await newest())!;
  assert.equal(row.firing_at!.getTime(), Date.parse((await received())[0]!.startsAt));
  await waitUntil(async () => (await newest())!.acknowledge_seconds === 900, 'its target, as Prometheus tells it');
});

test('nobody acknowledges it within its target: the next contact is told by SMS, once, also after a restart', async () => {
  const { id } = (await newest())!;
  await store.pool.query(`UPDATE incidents SET firing_at = firing_at - interval '15 minutes' WHERE id = $1`, [id]);
  await waitUntil(async () => told('CRITICAL still TestSignalHigh', second) === 1, 'the SMS to the next contact');
  await waitUntil(async () => (await kinds(id)).filter((kind) => kind === 'sms_accepted').length === 2, 'its acceptance'); // prettier-ignore
  assert.ok((await kinds(id)).includes('escalated'));
  await stopService();
  hooks.refuse(false);
  await startService();
  await running!.half.reconcileNow();
  await running!.half.reconcileNow();
  assert.deepEqual([told('CRITICAL'), told('CRITICAL', second)], [1, 1]);
  await store.pool.query(`UPDATE incidents SET firing_at = firing_at + interval '15 minutes' WHERE id = $1`, [id]);
});

test('one that ended while the service was down is resolved and told at its start, with the time at which it ended', async () => {
  const { id } = (await newest())!;
  await stopService();
  exporter.set(1);
  await waitUntil(async () => (await received()).length === 0, 'Alertmanager to let it go');
  const gone = Date.now();
  await new Promise((resolve) => setTimeout(resolve, 3000));
  hooks.refuse(false);
  await startService();
  await waitUntil(async () => (await newest())!.state === 'resolved' && told('RESOLVED') === 1, 'the end and its SMS');
  await waitUntil(
    async () => told('RESOLVED', second) === 1,
    'the SMS of the end to the next contact, who had been told'
  );
  const row = (await newest())!;
  assert.equal(row.id, id);
  assert.ok(row.normal_at!.getTime() < gone + 1500 && row.resolved_at!.getTime() > gone + 2900);
  await waitUntil(async () => mail.mails.length === 1, 'the mail of the end');
});

test('one that fired and ended while the service was down is written down from what Prometheus recorded; nobody is told late', async () => {
  await stopService();
  exporter.set(9);
  await waitUntil(async () => (await received()).length === 1, 'Alertmanager to have it');
  await new Promise((resolve) => setTimeout(resolve, 2000));
  exporter.set(1);
  await waitUntil(async () => (await received()).length === 0, 'Alertmanager to let it go');
  await new Promise((resolve) => setTimeout(resolve, 3000));
  // Fifteen seconds without a look are needed: this test does not wait for all of them.
  await since(20_000);
  hooks.refuse(false);
  const before = (await all()).length;
  await startService();
  await waitUntil(async () => (await all()).length === before + 1, 'the missed incident');
  const row = (await newest())!;
  assert.equal(row.state, 'resolved');
  const lasted = row.normal_at!.getTime() - row.firing_at!.getTime();
  assert.ok(lasted >= 1000 && lasted < 8000, `${lasted}`);
  assert.deepEqual(await kinds(row.id), ['firing', 'normal', 'resolved']);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.deepEqual(
    [(await all()).length, told('CRITICAL'), told('RESOLVED'), mail.mails.length],
    [before + 1, 1, 1, 1]
  );
});

test('a late look at what it knows already writes nothing down twice', async () => {
  const before = (await all()).length;
  await since(40_000);
  await running!.half.reconcileNow();
  assert.equal((await all()).length, before);
});

test('an incident that was silenced after it was told: the service itself tells its end', async () => {
  exporter.set(9);
  await waitUntil(async () => told('CRITICAL') === 2, 'the SMS');
  const silence = {
    matchers: [{ name: 'alertname', value: 'TestSignalHigh', isRegex: false, isEqual: true }],
    startsAt: new Date().toISOString(),
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
    createdBy: 'test',
    comment: 'test',
  };
  const created = await fetch(`${alertmanager.url}/api/v2/silences`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(silence) }); // prettier-ignore
  assert.equal(created.status, 200);
  await waitUntil(async () => (await newest())!.silenced_by.length === 1, 'the silence to be seen');
  hooks.seen.length = 0;
  exporter.set(1);
  await waitUntil(async () => told('RESOLVED') === 2 && mail.mails.length === 2, 'the notices of the end');
  assert.deepEqual(
    hooks.seen.filter((text) => text.includes('"status":"resolved"')),
    [],
    'Alertmanager tells nothing of it'
  );
});
