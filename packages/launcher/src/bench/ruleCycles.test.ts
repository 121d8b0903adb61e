import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cycleMs, percentile, sumOf } from './ruleCycles.ts';

test('a metric is summed over its series, and no other whose name begins alike', () => {
  const text = '# TYPE a gauge\na{g="x y"} 0.25\na{g="z"} 1e-1\na_total 7\nb 1\n';
  assert.equal(sumOf(text, 'a').toFixed(2), '0.35');
  assert.equal(sumOf(text, 'a_total'), 7);
  assert.equal(sumOf(text, 'c'), 0);
});

test('percentiles are measured values, by nearest rank', () => {
  assert.equal(percentile([3, 1, 2], 0.5), 2);
  assert.equal(percentile([3, 1, 2], 0.95), 3);
  assert.throws(() => percentile([], 0.5), /Nothing was measured/);
});

test('a group that has its turn in every second cycle counts by half', () => {
  const text = [
    'prometheus_rule_group_interval_seconds{rule_group="a b"} 15',
    'prometheus_rule_group_interval_seconds{rule_group="slow"} 30',
    'prometheus_rule_group_last_duration_seconds{rule_group="a b"} 0.01',
    'prometheus_rule_group_last_duration_seconds{rule_group="slow"} 0.02',
  ];
  assert.equal(cycleMs(text.join('\n'), 15_000).toFixed(3), '20.000');
  assert.throws(() => cycleMs(text.slice(1).join('\n'), 15_000), /a b/);
});
