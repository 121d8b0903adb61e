import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { ReceivedAlert } from '../alerts/observe.ts';
import type { Prometheus, PrometheusAlert } from '../connectors/prometheus.ts';
import { startStore, type ScratchStore } from '../test/startStore.ts';
import { applyJudgement, type Judging } from './applyJudgement.ts';
import type { IncidentRow } from './incidentRow.ts';
import type { Evidence } from './judgeSight.ts';
import { incidentById } from './readIncidents.ts';
import { fire, openIncident } from './transitions.ts';

const T = Date.parse('2026-07-28T03:14:00.000Z');
const labels = { alertname: 'A', severity: 'critical' };
let store: ScratchStore;
let judging: Judging;
let row: IncidentRow;
/** Times (ms) at which Prometheus recorded the alert as firing, and its own start. */
let firing: number[] = [];
let startedAt = 0;

before(async () => (store = await startStore()));
after(() => store?.stop());
beforeEach(async () => {
  firing = [T - 3000, T - 2000, T - 1000, T];
  startedAt = T - 3_600_000;
  const prometheus = {
    query: async () => [{ metric: {}, samples: firing.map((at) => ({ at, value: 1 })) }],
    startedAt: async () => startedAt,
  } as unknown as Prometheus;
  judging = {
    store: store.pool,
    prometheus,
    recipients: { publicUrl: 'http://127.0.0.1', smsTo: [], mailTo: [] },
    emergency: { tell: () => {}, leaveToStore: () => {}, take: () => [] },
    graceMs: 3000,
    unseenSince: new Map(),
    reportedEnds: new Map(),
  };
  await store.pool.query('DELETE FROM incidents');
  const opened = await openIncident(store.pool, { fingerprint: 'f', labels, annotations: {}, origin: 'prometheus', openedAt: new Date(T - 5000), lastSeenAt: new Date(T + 3), value: 9 }); // prettier-ignore
  await fire(store.pool, opened!, new Date(T - 3000), 'alertmanager', 9);
  row = (await incidentById(store.pool, opened!.id))!;
});

const received = { fingerprint: 'f', startsAt: T - 3000, endsAt: T + 240_000 } as ReceivedAlert;
const alert = (activeAt: number): PrometheusAlert => ({
  labels,
  annotations: {},
  state: 'pending',
  activeAt,
  value: 9,
});

function evidence(change: Partial<Evidence> = {}, active: PrometheusAlert | null = null): Evidence {
  const rule = { intervalSeconds: 1, lastEvaluation: T + 5004, stale: false, health: 'ok' };
  return {
    at: T + 5100,
    prometheus: { ok: true, now: T + 5000, rule, active },
    alertmanager: { reachable: true, wholeSince: 0, alert: null },
    freshness: { state: 'fresh', at: T + 5000 },
    signal: 3,
    ...change,
  };
}

async function judged(given: Evidence): Promise<IncidentRow> {
  await applyJudgement(judging, row, given);
  return (row = (await incidentById(store.pool, row.id))!);
}

test('it is normal since the evaluation after the last firing one, however late we looked', async () => {
  const { normal_at, state } = await judged(evidence());
  assert.equal(normal_at?.getTime(), T + 1000);
  assert.equal(state, 'resolved');
});

test('the end that Alertmanager told counts, unless it is older than what was seen', async () => {
  judging.reportedEnds.set('f', T + 2000);
  assert.equal((await judged(evidence())).normal_at?.getTime(), T + 2000);
});

test('an end from before is another instance’s', async () => {
  judging.reportedEnds.set('f', T - 60_000);
  assert.equal((await judged(evidence())).normal_at?.getTime(), T + 1000);
});

test('after lost sight only the evaluation that we saw is sure', async () => {
  await store.pool.query(`UPDATE incidents SET state = 'sight_lost'`);
  row.state = 'sight_lost';
  assert.equal((await judged(evidence())).normal_at?.getTime(), T + 5004);
});

test('it is resolved when Alertmanager has dropped it, or has been silent for long', async () => {
  assert.equal(
    (await judged(evidence({ alertmanager: { reachable: true, wholeSince: 0, alert: received } }))).state,
    'firing'
  );
  assert.equal(row.normal_at?.getTime(), T + 1000);
  assert.equal(
    (await judged(evidence({ alertmanager: { reachable: false, wholeSince: null, alert: null } }))).state,
    'firing'
  );
  const later = evidence({ at: T + 40_000, alertmanager: { reachable: false, wholeSince: null, alert: null } });
  assert.equal((await judged(later)).state, 'resolved');
});

test('one missed look is not lost sight, three seconds are, and the time is the first one’s', async () => {
  const silent = { ok: false as const, error: 'Prometheus did not answer' };
  assert.equal((await judged(evidence({ prometheus: silent }))).state, 'firing');
  assert.equal((await judged(evidence({ prometheus: silent, at: T + 8200 }))).state, 'sight_lost');
  const { rows } = await store.pool.query(`SELECT at FROM moments WHERE kind = 'sight_lost'`);
  assert.equal(rows[0].at.getTime(), T + 5100);
});

test('a dip between two looks closes the incident; after a restart of Prometheus it proves nothing', async () => {
  startedAt = T + 1500;
  assert.equal((await judged(evidence({}, alert(T + 3000)))).state, 'firing');
  startedAt = T - 3_600_000;
  firing.push(T + 4000);
  const held = { reachable: true, wholeSince: 0, alert: received };
  assert.equal((await judged(evidence({ alertmanager: held }, alert(T + 3000)))).state, 'firing');
  assert.equal(row.normal_at, null);
  const anew = { ...held, alert: { ...received, startsAt: T + 4000 } };
  const closed = await judged(evidence({ alertmanager: anew }, alert(T + 3000)));
  assert.equal(closed.state, 'resolved');
  assert.equal(closed.normal_at?.getTime(), T + 1000);
});

/** The recovery is seen while Loki's ruler still holds the alert in Alertmanager. */
async function recoveredButHeld(): Promise<void> {
  await judged(evidence({ alertmanager: { reachable: true, wholeSince: 0, alert: received } }));
  assert.deepEqual([row.state, row.normal_at?.getTime()], ['firing', T + 1000]);
}
const momentsSeen = async () =>
  (await store.pool.query(`SELECT kind FROM moments WHERE incident_id = $1 ORDER BY seq`, [row.id])).rows.map(
    (one) => one.kind
  );

test('a rule that holds again before Alertmanager let the alert go: the same incident goes on, and nobody is told of an end', async () => {
  await recoveredButHeld();
  const held = { reachable: true, wholeSince: 0, alert: received };
  await judged(evidence({ at: T + 9000, alertmanager: held }, alert(T + 8000)));
  assert.deepEqual([row.state, row.normal_at, row.resolved_at], ['firing', null, null]);
  assert.deepEqual(await momentsSeen(), ['pending', 'firing', 'normal', 'relapsed']);
  firing = [T + 10_000];
  row.last_seen_at = new Date(T + 10_000);
  const rule = { intervalSeconds: 1, lastEvaluation: T + 12_000, stale: false, health: 'ok' };
  const over = { ok: true as const, now: T + 12_000, rule, active: null };
  await judged(evidence({ at: T + 12_100, prometheus: over, freshness: { state: 'fresh', at: T + 12_000 } }));
  assert.deepEqual([row.state, row.normal_at?.getTime()], ['resolved', T + 11_000]);
  assert.deepEqual((await momentsSeen()).slice(4), ['normal', 'resolved']);
});

test('a rule that holds again after Alertmanager let the alert go, or has it anew, is another incident', async () => {
  await recoveredButHeld();
  const anew = { ...received, startsAt: T + 8500 };
  await judged(evidence({ at: T + 9000, alertmanager: { reachable: true, wholeSince: 0, alert: anew } }, alert(T + 8000))); // prettier-ignore
  assert.equal(row.state, 'resolved');
});

test('a rule that holds again while no Alertmanager can be asked: nothing is said of an end for half a minute', async () => {
  await recoveredButHeld();
  const silent = { reachable: false, wholeSince: null, alert: null };
  assert.equal((await judged(evidence({ at: T + 9000, alertmanager: silent }, alert(T + 8000)))).state, 'firing');
  assert.equal((await judged(evidence({ at: T + 40_000, alertmanager: silent }, alert(T + 8000)))).state, 'resolved');
});
