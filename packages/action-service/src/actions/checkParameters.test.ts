import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ParameterSpec } from '@dfr-ops/contracts';
import { checkParameters } from './checkParameters.ts';

const spec = (part: Partial<ParameterSpec> & Pick<ParameterSpec, 'name' | 'type'>): ParameterSpec => ({
  title: part.name,
  description: '',
  required: true,
  default: null,
  min: null,
  max: null,
  unit: null,
  choices: [],
  ...part,
});
const form = [
  spec({ name: 'seconds', type: 'integer', min: 10, max: 60, unit: 's', default: 30 }),
  spec({ name: 'user', type: 'choice', choices: [{ value: 'odoo', label: 'odoo' }] }),
];

test('fills in defaults', () => {
  assert.deepEqual(checkParameters(form, { user: 'odoo' }).parameters, { seconds: 30, user: 'odoo' });
});

test('names every wrong field and what it must be', () => {
  const { parameters, issues } = checkParameters(form, { seconds: 5, user: 'root', extra: true });
  assert.equal(parameters, null);
  assert.deepEqual(
    issues.map((issue) => issue.path),
    ['parameters.extra', 'parameters.seconds', 'parameters.user']
  );
  assert.match(issues[1]?.message ?? '', /10 to 60 s/);
});

for (const seconds of [9, 61, 10.5, Number.NaN, Infinity, '30', true]) {
  test(`refuses ${JSON.stringify(seconds)} for a whole number of 10 to 60`, () => {
    assert.equal(checkParameters(form, { seconds, user: 'odoo' }).parameters, null);
  });
}

test('is not fooled by names that every object has', () => {
  assert.equal(checkParameters(form, { constructor: 'x', user: 'odoo' }).parameters, null);
  const optional = spec({ name: 'toString', type: 'string', required: false });
  assert.deepEqual(checkParameters([optional], {}).parameters, {});
});
