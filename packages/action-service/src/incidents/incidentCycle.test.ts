import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Incident, TimelineEvent } from '@dfr-ops/contracts';
import { createPrometheus } from '../connectors/prometheus.ts';
import { askFiringSpan } from '../alerts/signal.ts';
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
import { incidentOfRow } from './incidentRow.ts';
import { momentsOf } from './moments.ts';
import { listIncidents } from './readIncidents.ts';

let store: ScratchStore;
let exporter: Exporter;
let alertmanager: RunningServer;
let prometheus: RunningServer;
let sms: SmsSink;
let mail: MailSink;
let running: IncidentHalfRunning;

before(async () => {
  const hooks = await listenForHooks();
  [store, exporter, sms, mail, alertmanager] = await Promise.all([
    startStore(),
    startExporter(1),
    startSmsSink(),
    startMailSink(),
    startAlertmanager(hooks.hookUrl),
  ]);
  prometheus = await startPrometheus({
    exporterPort: exporter.port,
    alertmanagerUrl: alertmanager.url,
    rules: HOLDING_RULE,
  });
  running = await hooks.start(store, {
    prometheusUrl: prometheus.url,
    alertmanagerUrl: alertmanager.url,
    smsUrl: sms.url,
    smtpUrl: mail.url,
  });
});
after(async () => {
  await running?.stop();
  await Promise.all([prometheus?.stop(), alertmanager?.stop(), exporter?.stop(), sms?.stop(), mail?.stop()]);
  await store?.stop();
});

const newest = async (): Promise<Incident | undefined> =>
  (await listIncidents(store.pool, { state: 'all', limit: 1 })).map((row) => incidentOfRow(row))[0];
const until = (state: Incident['state'], not?: string) => waitUntil(async () => { const one = await newest(); return one?.state === state && one.id !== not; }, `an incident that is ${state}`); // prettier-ignore
const timeline = async (id: string) => momentsOf(store.pool, id);
const kinds = (events: TimelineEvent[]) => events.map(({ kind }) => kind);
const at = (events: TimelineEvent[], kind: string) => Date.parse(events.find((event) => event.kind === kind)!.at);

test('a pending alert that goes away without firing leaves no incident and tells nobody', async () => {
  await waitUntil(
    async () =>
      (
        await fetch(`${prometheus.url}/api/v1/query?query=dfr_test_signal`).then(
          (r) => r.json() as Promise<{ data: { result: unknown[] } }>
        )
      ).data.result.length > 0,
    'the first scrape'
  );
  exporter.set(9);
  await until('pending');
  exporter.set(1);
  await waitUntil(async () => (await newest()) === undefined, 'the pending incident to go');
  assert.equal(sms.messages.length, 0);
});

test('a cycle pending → firing → resolved keeps every moment at its source’s time, and tells', async () => {
  exporter.set(9);
  await until('firing');
  await waitUntil(async () => sms.messages.length === 1, 'the SMS');
  const open = (await newest())!;
  assert.match(
    sms.messages[0]!.text,
    /CRITICAL.*TestSignalHigh.*9%.*UTC.*alerts\?fingerprint=.*runbook\?alert=TestSignalHigh.*logs\?service=odoo/s
  );
  const tagged = await running.half.alerts([]);
  assert.deepEqual(
    tagged!.answer.alerts.map(({ name, state, sight, incidentId, value, actions }) => ({
      name,
      state,
      sight,
      incidentId,
      value,
      actions,
    })),
    [
      {
        name: 'TestSignalHigh',
        state: 'firing',
        sight: 'seen',
        incidentId: open.id,
        value: 9,
        actions: ['odoo.restart', 'odoo.reload'],
      },
    ]
  );
  const active = (await createPrometheus({ name: 'p', url: prometheus.url, timeoutMs: 3000 }).alerts()).find(
    ({ labels }) => labels.alertname === 'TestSignalHigh'
  )!;
  const received = (await (await fetch(`${alertmanager.url}/api/v2/alerts`)).json()) as Array<{
    labels: Record<string, string>;
    startsAt: string;
  }>;
  exporter.set(1);
  await until('resolved');
  await waitUntil(async () => sms.messages.length === 2 && mail.mails.length === 1, 'the resolved notices');
  await waitUntil(
    async () =>
      kinds(await timeline(open.id)).includes('resolved_email_accepted') &&
      kinds(await timeline(open.id)).includes('resolved_sms_accepted'),
    'their moments'
  );
  const events = await timeline(open.id);
  for (const kind of ['pending', 'firing', 'email_flushed', 'sms_accepted', 'normal', 'resolved']) {
    assert.equal(kinds(events).filter((one) => one === kind).length, 1, `${kind} in ${kinds(events)}`);
  }
  assert.equal(at(events, 'pending'), active.activeAt);
  assert.equal(
    at(events, 'firing'),
    Date.parse(received.find(({ labels }) => labels.alertname === 'TestSignalHigh')!.startsAt)
  );
  const span = await askFiringSpan(
    createPrometheus({ name: 'p', url: prometheus.url, timeoutMs: 3000 }),
    active.labels,
    active.activeAt,
    Date.now()
  );
  assert.ok(Math.abs(at(events, 'firing') - span!.first) <= 1);
  assert.ok(Math.abs(at(events, 'normal') - (span!.last + 1000)) <= 1, `${at(events, 'normal')} ${span!.last}`);
  assert.match(mail.mails[0]!, /Subject: \[RESOLVED\] TestSignalHigh/);
  assert.match(sms.messages[1]!.text, /^RESOLVED TestSignalHigh/);
});

test('a new breach after the resolution is a new incident, linked to the former', async () => {
  const former = (await newest())!;
  exporter.set(8);
  await until('firing', former.id);
  const next = (await newest())!;
  assert.equal(next.previousId, former.id);
  assert.equal(next.fingerprint, former.fingerprint);
  const [before] = (await listIncidents(store.pool, { state: 'resolved', limit: 1 })).map((row) => incidentOfRow(row));
  assert.equal(before!.nextId, next.id);
  assert.ok(kinds(await timeline(former.id)).includes('reopened_as'));
  await waitUntil(async () => sms.messages.length === 3, 'the SMS of the new incident');
});

test('vanished samples are lost sight, not recovery', async () => {
  const { id } = (await newest())!;
  exporter.set(null);
  await until('sight_lost');
  const shown = (await running.half.alerts([]))!.answer.alerts[0]!;
  assert.equal(shown.sight, 'lost');
  const seen = await running.half.sight.lookAt(shown.fingerprint, shown.labels, new Date());
  assert.notEqual(seen.state, 'normal');
  assert.equal(sms.messages.length, 3);
  exporter.set(8);
  await until('firing');
  assert.deepEqual(
    kinds(await timeline(id)).filter((kind) => kind.startsWith('sight')),
    ['sight_lost', 'sight_regained']
  );
});

test('a frozen Prometheus is lost sight; nothing says resolved, whatever Alertmanager says', async () => {
  const { id } = (await newest())!;
  process.kill(prometheus.pid, 'SIGSTOP');
  try {
    await until('sight_lost');
    // Alertmanager resolves by itself once Prometheus is silent: here it is told so, with the alert's own labels.
    const [alert] = (await running.half.alerts([]))!.answer.alerts;
    const ended = { labels: alert!.labels, startsAt: alert!.startsAt, endsAt: new Date().toISOString() };
    await fetch(`${alertmanager.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([ended]),
    });
    await new Promise((resolve) => setTimeout(resolve, 5000));
    const answer = (await running.half.alerts([]))!.answer;
    assert.equal(answer.alerts[0]?.sight, 'lost');
    assert.equal(answer.sources.find(({ kind }) => kind === 'prometheus')?.ok, false);
    assert.equal((await running.half.sight.lookAt(alert!.fingerprint, alert!.labels, new Date())).state, 'unreachable');
    assert.equal((await newest())!.state, 'sight_lost');
    assert.equal(kinds(await timeline(id)).includes('resolved'), false);
    assert.equal(sms.messages.length, 3);
    assert.equal(mail.mails.length, 1);
  } finally {
    process.kill(prometheus.pid, 'SIGCONT');
  }
  await until('firing');
  exporter.set(1);
  await until('resolved');
  assert.equal((await newest())!.id, id);
  await waitUntil(async () => sms.messages.length === 4, 'the resolved SMS, now that it is true');
});

test('a run’s look: normal only on samples newer than the action', async () => {
  const last = (await newest())!;
  await waitUntil(
    async () =>
      (await running.half.sight.lookAt(last.fingerprint, last.labels, new Date(Date.now() - 5000))).state === 'normal',
    'normal'
  );
  const ahead = await running.half.sight.lookAt(last.fingerprint, last.labels, new Date(Date.now() + 60_000));
  assert.equal(ahead.state, 'no_data');
});
