import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Prometheus, PrometheusAlert } from '../connectors/prometheus.ts';
import { fingerprintOf } from './fingerprint.ts';
import { createAlertSight } from './alertSight.ts';

const now = Date.parse('2026-07-28T03:14:07.000Z');
const since = new Date(now - 2000);
const labels = { alertname: 'A', env: 'test' };
const annotations = { signal_query: 'signal', fresh_query: 'fresh', signal_threshold: '5', signal_comparison: '>' };

type Said = { lastEvaluation?: number; alerts?: PrometheusAlert[]; signal?: number | null; fresh?: number | null; silent?: boolean; annotations?: Record<string, string> | null }; // prettier-ignore

function look(said: Said = {}) {
  const { lastEvaluation = now - 500, alerts = [], signal = 3, fresh = now - 600, silent = false } = said;
  const prometheus = {
    name: 'Prometheus',
    rules: async () => {
      if (silent) {
        throw new Error('Prometheus did not answer within 3 s');
      }
      return { now, rules: [{ name: 'A', group: 'g', intervalSeconds: 1, health: 'ok', lastEvaluation, alerts }] };
    },
    query: async (query: string) => {
      const value = query === 'signal' ? signal : fresh === null ? null : fresh / 1000;
      return value === null ? [] : [{ metric: {}, samples: [{ at: now, value }] }];
    },
  } as unknown as Prometheus;
  const remembered = said.annotations === undefined ? annotations : said.annotations;
  return createAlertSight(prometheus, async () => remembered).lookAt(fingerprintOf(labels), labels, since);
}

test('normal: evaluated since, not active, with a value and a sample newer than the action', async () => {
  const seen = await look();
  assert.equal(seen.state, 'normal');
  assert.equal(seen.value, 3);
  assert.equal(seen.freshAt?.getTime(), now - 600);
  assert.equal(seen.evaluatedAt?.getTime(), now - 500);
});

test('whatever is missing for that is no data, never normal', async () => {
  for (const [name, said] of Object.entries<Said>({
    'not evaluated since': { lastEvaluation: now - 2500 },
    'stuck rule': { lastEvaluation: now - 60_000 },
    'old sample': { fresh: now - 2500 },
    'no sample': { fresh: null },
    'no value': { signal: null },
    'no queries': { annotations: {} },
    'nothing remembered': { annotations: null },
  })) {
    const seen = await look(said);
    assert.equal(seen.state, 'no_data', `${name}: ${seen.detail}`);
  }
});

test('active is what Prometheus says; a signal beyond its threshold is not normal yet', async () => {
  const active: PrometheusAlert = { labels, annotations, state: 'firing', activeAt: now - 9000, value: 9 };
  assert.equal((await look({ alerts: [active] })).state, 'firing');
  assert.equal((await look({ alerts: [{ ...active, state: 'pending' }] })).state, 'pending');
  assert.equal((await look({ signal: 6 })).state, 'pending');
});

test('a Prometheus that does not answer is unreachable, with its words', async () => {
  const seen = await look({ silent: true });
  assert.equal(seen.state, 'unreachable');
  assert.match(seen.detail, /did not answer/);
});
