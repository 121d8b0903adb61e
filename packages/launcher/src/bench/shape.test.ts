import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forCountries, isCounter, valueAt } from './shape.ts';

const one = { labels: { __name__: 'x', country: 'SLE' }, value: 3600, counter: true, recorded: false };
const now = 1_790_000_000;

test('counters grow, times keep their distance, the rest stays', () => {
  assert.equal(valueAt(one, now, now + 10) - valueAt(one, now, now), 10);
  assert.equal(valueAt({ ...one, value: now - 5, counter: false }, now, now + 60), now + 55);
  assert.equal(valueAt({ ...one, counter: false }, now, now + 60), 3600);
});

test('each country has every series', () => {
  const series = forCountries({ takenAt: now, series: [one] }, ['A', 'B'], 'production');
  assert.deepEqual(
    series.map(({ labels }) => labels),
    [
      { __name__: 'x', country: 'A', env: 'production' },
      { __name__: 'x', country: 'B', env: 'production' },
    ]
  );
});

test('the monitoring watches twenty countries, and itself once', () => {
  const of = (labels: Record<string, string>) => ({ ...one, labels: { country: 'SLE', ...labels } });
  const shape = {
    takenAt: now,
    series: [
      of({ __name__: 'up', job: 'dfr_ops' }),
      of({ __name__: 'dfr:rule_failures:count' }),
      of({ __name__: 'up', job: 'dfr_odoo_app' }),
    ],
  };
  const [first, second] = ['A', 'B'].map((country) =>
    forCountries(shape, ['A', 'B'], 'production').filter(({ labels }) => labels['country'] === country)
  );
  assert.equal(first?.length, 3);
  assert.deepEqual(
    second?.map(({ labels }) => labels['job']),
    ['dfr_odoo_app']
  );
});

test('a count is a counter only where its type says so', () => {
  const types: Record<string, string> = { a_count: 'gauge', h: 'histogram', c: 'counter' };
  const counters = ['a_count', 'h_count', 'h_bucket', 'h', 'c', 'x_total', 'y'].filter((name) =>
    isCounter(name, (of) => types[of])
  );
  assert.deepEqual(counters, ['h_count', 'h_bucket', 'c', 'x_total']);
});
