import assert from 'node:assert/strict';
import { test } from 'node:test';
import { percentile, sumOf } from './ruleCycles.ts';

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
