import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PrometheusAlert } from '../connectors/prometheus.ts';
import type { ReceivedAlert } from '../alerts/observe.ts';
import { judgeSight, rulerEvidence, type Evidence, type Remembered } from './judgeSight.ts';

const T = Date.parse('2026-07-28T03:14:00Z');
const seen: Remembered = { origin: 'prometheus', lastSeenAt: T, expectedEnd: T + 240_000 };
const alert: PrometheusAlert = {
  labels: { alertname: 'A' },
  annotations: {},
  state: 'firing',
  activeAt: T - 9000,
  value: 1,
};
const received = { fingerprint: 'f', startsAt: T - 8000, endsAt: T + 240_000 } as ReceivedAlert;

type Overrides = {
  rule?: Partial<{ lastEvaluation: number | null; stale: boolean }> | null;
  active?: PrometheusAlert | null;
} & Partial<Evidence>;

function evidence({ rule, active = null, ...rest }: Overrides = {}): Evidence {
  const sight =
    rule === null ? null : { intervalSeconds: 1, lastEvaluation: T + 1000, stale: false, health: 'ok', ...rule };
  return {
    at: T + 1500,
    prometheus: { ok: true, now: T + 1000, rule: sight, active },
    alertmanager: { reachable: true, wholeSince: T - 60_000, alert: null },
    freshness: { state: 'fresh', at: T + 900 },
    signal: 3,
    ...rest,
  };
}

const verdict = (incident: Remembered, overrides?: Overrides) => judgeSight(incident, evidence(overrides)).verdict;

test('an alert that is active on fresh samples is active, on old ones unseen', () => {
  assert.equal(verdict(seen, { active: alert }), 'active');
  assert.equal(verdict(seen, { active: alert, freshness: { state: 'undefined' } }), 'active');
  assert.equal(verdict(seen, { active: alert, freshness: { state: 'old', at: T - 60_000 } }), 'unseen');
});

test('it is normal only on an evaluation and a sample newer than the breach, with a value', () => {
  assert.equal(verdict(seen), 'normal');
  assert.equal(verdict(seen, { rule: { lastEvaluation: T } }), 'undecided');
  assert.equal(verdict(seen, { freshness: { state: 'fresh', at: T - 1 } }), 'undecided');
  assert.equal(verdict(seen, { freshness: { state: 'unasked' } }), 'undecided');
  assert.equal(verdict(seen, { freshness: { state: 'old', at: null } }), 'unseen');
  assert.equal(verdict(seen, { signal: null }), 'unseen');
});

test('a rule without fresh_query is believed, but not without a value', () => {
  assert.equal(verdict(seen, { freshness: { state: 'undefined' }, signal: undefined }), 'normal');
  assert.equal(verdict(seen, { freshness: { state: 'undefined' }, signal: null }), 'unseen');
});

test('a Prometheus that is silent, stuck or without the rule is no recovery', () => {
  assert.equal(verdict(seen, { prometheus: { ok: false, error: 'Prometheus did not answer within 3 s' } }), 'unseen');
  assert.equal(verdict(seen, { rule: { stale: true } }), 'unseen');
  assert.equal(verdict(seen, { rule: null }), 'unseen');
});

test('a foreign alert is over when its source said so, not when it fell silent', () => {
  const foreign: Remembered = { ...seen, origin: 'alertmanager' };
  assert.equal(
    verdict(foreign, { rule: null, alertmanager: { reachable: true, wholeSince: T - 60_000, alert: received } }),
    'active'
  );
  assert.equal(verdict(foreign, { rule: null }), 'normal');
  assert.equal(verdict(foreign, { rule: null, at: T + 241_000 }), 'unseen');
  assert.equal(verdict(foreign, { prometheus: { ok: false, error: 'Prometheus did not answer' } }), 'unseen');
  assert.equal(
    verdict(foreign, { rule: null, alertmanager: { reachable: false, wholeSince: null, alert: null } }),
    'unseen'
  );
});

test('a foreign alert that a restarted or a silent Alertmanager had is not over', () => {
  const foreign: Remembered = { ...seen, origin: 'alertmanager' };
  const restarted = { reachable: true, wholeSince: T + 1200, alert: null };
  assert.equal(verdict(foreign, { rule: null, alertmanager: restarted }), 'unseen');
  assert.equal(verdict(foreign, { rule: null, alertmanager: { ...restarted, wholeSince: null } }), 'unseen');
});

test('an alert of Loki’s ruler is what the ruler says, also when an Alertmanager was restarted or does not answer', () => {
  const foreign: Remembered = { ...seen, origin: 'alertmanager' };
  const rule = { intervalSeconds: 1, lastEvaluation: T + 1000, stale: false, health: 'ok' };
  const forgot = { rule: null, alertmanager: { reachable: true, wholeSince: T + 1200, alert: null } };
  const ruled = (active: PrometheusAlert | null, change = {}) => ({
    now: T + 1000,
    rule: { ...rule, ...change },
    active,
  });
  assert.equal(verdict(foreign, { ...forgot, ruler: ruled(alert) }), 'active');
  assert.equal(verdict(foreign, { ...forgot, ruler: ruled(null) }), 'normal');
  assert.equal(verdict(foreign, { ...forgot, ruler: ruled(null, { lastEvaluation: T }) }), 'undecided');
  assert.equal(verdict(foreign, { ...forgot, ruler: null }), 'unseen');
  const held = { ...forgot, alertmanager: { reachable: true, wholeSince: 0, alert: received } };
  assert.equal(verdict(foreign, { ...held, ruler: ruled(null) }), 'active');
  // What Prometheus rules, Prometheus decides.
  assert.equal(verdict(seen, { active: null, ruler: ruled(alert) }), 'normal');
});

test('a ruler that has no such rule, has not evaluated it lately or did not answer says nothing', () => {
  const rule = { intervalSeconds: 1, lastEvaluation: T, stale: false, health: 'ok' };
  const sight = {
    ok: true as const,
    now: T,
    active: new Map([['f', { ...alert, rule }]]),
    rules: new Map([['A', rule]]),
  };
  assert.equal(rulerEvidence(sight, 'A', 'f')?.active?.activeAt, alert.activeAt);
  assert.equal(rulerEvidence(sight, 'A', 'other')?.active, null);
  assert.equal(rulerEvidence(sight, 'B', 'f'), null);
  assert.equal(rulerEvidence({ ...sight, rules: new Map([['A', { ...rule, stale: true }]]) }, 'A', 'f'), null);
  assert.equal(rulerEvidence(null, 'A', 'f'), null);
});
