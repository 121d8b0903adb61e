import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { freePort } from '../../../stand-ins/src/test/freePort.ts';
import { createAlertmanager } from '../connectors/alertmanager.ts';
import { connectSilences, type SilencesConnector } from '../connectors/silences.ts';
import { actionUnderTest } from '../test/actionUnderTest.ts';
import { startAlertmanager } from '../test/startMonitoring.ts';
import { waitUntil, type RunningServer } from '../test/startServer.ts';
import { alertExpire } from './alertExpire.ts';
import { alertSilence } from './alertSilence.ts';

const base = { country: 'SL', env: 'test' };
const disk = { ...base, alertname: 'LowDiskSpace', severity: 'critical', service: 'host', instance: 'db1' };
const otherDisk = { ...disk, instance: 'db2' };
const memory = { ...base, alertname: 'LowMemoryAvailable', severity: 'critical', service: 'host' };
const watchdog = { ...base, alertname: 'Watchdog', severity: 'none', service: 'dfr-ops' };
const nginx = { ...base, alertname: 'NginxDown', severity: 'critical', service: 'nginx' };

let two: RunningServer[];
let silences: SilencesConnector;

before(async () => {
  const [one = '', other = ''] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  two = await Promise.all([
    startAlertmanager(null, { listen: one, peer: other }),
    startAlertmanager(null, { listen: other, peer: one }),
  ]);
  for (const { url } of two) {
    await fetch(`${url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([disk, otherDisk, memory, watchdog, nginx].map((labels) => ({ labels, annotations: {} }))),
    });
  }
  silences = silencesOf(two.map(({ url }) => url));
  await waitUntil(async () => (await silences.alerts()).length === 5, 'the alerts');
});
after(() => Promise.all(two.map((one) => one.stop())));

function silencesOf(urls: string[]): SilencesConnector {
  return connectSilences(
    urls.map((url, i) => createAlertmanager({ name: `Alertmanager ${i + 1}`, url, timeoutMs: 3000 }))
  );
}

const use = (labels: Record<string, string> | null, alertmanager = silences, bounds = {}) =>
  actionUnderTest(alertSilence, {
    connectors: { alertmanager },
    bounds,
    alert: labels && { name: labels['alertname'] ?? '', labels },
  });
const silenced = async () =>
  (await silences.alerts()).filter(({ silencedBy }) => silencedBy.length > 0).map(({ labels }) => labels['instance']);

test('the alert that was named is silenced, at both Alertmanagers, in the name of the person; expire ends it', async () => {
  const action = use(disk);
  const { draft } = await action.preview();
  assert.match(draft.summary, /instance="db1".* for 1 h: 1 alert\(s\)/);
  assert.equal((await action.perform({ minutes: 10 }, 'the disk is being enlarged')).state, 'confirmed');
  await waitUntil(async () => (await silences.list())[0]?.knownTo.length === 2, 'the cluster to share it');
  await waitUntil(async () => (await silenced()).length === 1, 'it to hold');
  assert.deepEqual(await silenced(), ['db1']);
  const [set] = await silences.list();
  assert.deepEqual([set?.createdBy, set?.comment], ['amina', 'the disk is being enlarged (amina, by DFR Ops)']);
  assert.ok(Math.abs(Date.parse(set!.endsAt) - Date.now() - 600_000) < 10_000);
  const expire = actionUnderTest(alertExpire, { connectors: { alertmanager: silences }, person: 'binta' });
  const before = await expire.preview({ silence: set!.id });
  assert.deepEqual([before.draft.affected.total, before.draft.warnings], [1, ['amina set it: tell them.']]);
  assert.equal((await expire.perform({ silence: set!.id })).state, 'confirmed');
  await waitUntil(async () => (await silenced()).length === 0, 'it to end');
  assert.match((await expire.check({ silence: set!.id })).issues[0]?.message ?? '', /one of the choices/);
});

test('the preview says what else a wider choice hits', async () => {
  const action = use(disk);
  const choices = (await alertSilence.form(action.context))[0]?.choices ?? [];
  assert.equal(choices.length, 3);
  const totals = [];
  for (const { value } of choices) {
    const { draft } = await action.preview({ alerts: value });
    totals.push([draft.affected.total, draft.warnings.some((one) => /1 of them are other alerts/.test(one))]);
  }
  assert.deepEqual(totals, [
    [1, false],
    [2, false],
    [3, true],
  ]);
  const manual = (await alertSilence.form(use(null).context))[0]?.choices ?? [];
  assert.equal(manual.length, 3);
  assert.ok(manual.some(({ value }) => value === 'alertname="NginxDown", country="SL", env="test"'));
});

test('never: Watchdog, everything, a label that nobody named, more than a day', async () => {
  const held = await use(watchdog).preview();
  assert.match(held.draft.refusal?.why ?? '', /It would hit Watchdog/);
  await assert.rejects(use(watchdog).runDraft(held.parameters, held.draft), /Watchdog is never silenced/);
  const action = use(disk);
  assert.match((await action.check({ alerts: 'alertname=~".+"' })).issues[0]?.message ?? '', /one of the choices/);
  assert.match((await action.check({ minutes: 1441 })).issues[0]?.message ?? '', /5 to 1440 min/);
  const { parameters, draft } = await action.preview();
  for (const matchers of [
    [],
    [{ name: 'country', value: 'SL', isRegex: false, isEqual: true }],
    [{ name: 'alertname', value: '.+', isRegex: true, isEqual: true }],
    [{ name: 'alertname', value: '', isRegex: false, isEqual: true }],
    [{ name: 'alertname', value: 'x', isRegex: false, isEqual: false }],
  ]) {
    const forged = { ...draft, snapshot: { ...(draft.snapshot as object), matchers } };
    await assert.rejects(action.runDraft(parameters, forged), /Such a silence is never set/, JSON.stringify(matchers));
  }
  assert.deepEqual(await silences.list(), []);
});

test('the next Alertmanager takes it when the first does not answer; none answers: said, and nothing is confirmed', async () => {
  const gone = `http://127.0.0.1:${await freePort()}`;
  const half = use(nginx, silencesOf([gone, two[1]!.url]));
  assert.equal((await half.perform({ minutes: 5 })).state, 'confirmed');
  assert.match(half.told.join('\n'), /Alertmanager 2 took it/);
  const none = use(nginx, silencesOf([gone]));
  await assert.rejects(none.preview(), /Alertmanager 1 cannot be reached/);
});

test('a silence of somebody else, or an older one, is not taken for the effect', async () => {
  const action = use(memory);
  const { parameters, draft } = await action.preview();
  const { matchers } = draft.snapshot as { matchers: never };
  const [startsAt, endsAt] = [new Date(), new Date(Date.now() + 86_400_000)].map((at) => at.toISOString()) as [
    string,
    string,
  ];
  await silences.silence({ matchers, startsAt, endsAt, createdBy: 'binta', comment: 'mine' });
  assert.equal((await alertSilence.effect(action.context, { parameters, snapshot: draft.snapshot })).state, 'pending');
  await action.runDraft(parameters, draft);
  assert.equal(
    (await alertSilence.effect(action.context, { parameters, snapshot: draft.snapshot })).state,
    'confirmed'
  );
});
