import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ruleWindowSeconds } from './ruleWindow.ts';

const recordings = new Map([
  ['dfr:nginx_5xx:share', 'sum(rate(requests{status=~"5.."}[5m])) / sum(rate(requests[10m]))'],
  ['dfr:nginx_5xx:worst', 'max(last_over_time(dfr:nginx_5xx:share[1h]))'],
  ['dfr:loop:a', 'dfr:loop:b'],
  ['dfr:loop:b', 'rate(x[1m30s]) + dfr:loop:a'],
]);

test('the window is the longest range of the rule and of what it is made of', () => {
  assert.equal(ruleWindowSeconds('last_over_time(dfr:nginx_5xx:share[1h]) > 0.05', recordings), 600);
  assert.equal(ruleWindowSeconds('dfr:nginx_5xx:worst > 1', recordings), 600);
  assert.equal(ruleWindowSeconds('increase(logins_total{job="a"}[90s:5s]) > 3', recordings), 90);
  assert.equal(ruleWindowSeconds('dfr:loop:a > 1', recordings), 90);
});

test('a rule that looks at the present alone has none', () => {
  assert.equal(ruleWindowSeconds('last_over_time(dfr:nginx_up[5m]) < 1', recordings), 0);
  assert.equal(ruleWindowSeconds('pg_up == 0', recordings), 0);
});
