import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseVariableQuery } from './variableQuery.ts';

test('reads what dashboards ask for the values of a variable', () => {
  assert.deepEqual(parseVariableQuery('label_values(up, country)'), { kind: 'label_values', label: 'country', selector: 'up' });
  assert.deepEqual(parseVariableQuery('label_values(up{country="XX",job=~"a|b"}, env)'), {
    kind: 'label_values',
    label: 'env',
    selector: 'up{country="XX",job=~"a|b"}',
  });
  assert.deepEqual(parseVariableQuery(' label_values(job) '), { kind: 'label_values', label: 'job', selector: null });
  assert.deepEqual(parseVariableQuery('label_names()'), { kind: 'label_names' });
  assert.deepEqual(parseVariableQuery('metrics(^odoo_)'), { kind: 'metrics', pattern: '^odoo_' });
  assert.deepEqual(parseVariableQuery('query_result(topk(3, up))'), { kind: 'query_result', expr: 'topk(3, up)' });
});

test('says that it cannot read anything else', () => {
  for (const text of ['', 'up', 'label_values()', 'label_values(up, not-a-label)']) {
    assert.throws(() => parseVariableQuery(text), /cannot read the variable query/, text);
  }
});
