import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareRules, type KnownRule } from './compareRules.ts';

const rule = (name: string, query: string, forSeconds = 0, group = 'odoo'): KnownRule => ({
  group,
  name,
  query,
  forSeconds,
});
const asked: string[] = [];
/** As a server formats: it writes durations its own way. */
const format = async (query: string) => {
  asked.push(query);
  if (query.includes('???')) {
    throw new Error('parse error');
  }
  return query.replace('300s', '5m').replace(/\s/g, '');
};

test('layout and comments are no difference, and the server is not asked', async () => {
  asked.length = 0;
  const rendered = [rule('A', 'sum by (a) (\n  x{b=" c "} # why\n) > 1\n')];
  assert.deepEqual(await compareRules(rendered, [rule('A', 'sum by (a) (x{b=" c "}) > 1')], format), []);
  assert.deepEqual(asked, []);
});

test('what differs in form only is settled by the server', async () => {
  assert.deepEqual(await compareRules([rule('A', 'rate(x[300s])')], [rule('A', 'rate(x[5m])')], format), []);
  assert.equal(asked.length, 2);
});

test('missing, extra, other expression, other for; a space within quotes counts', async () => {
  const rendered = [rule('A', 'x > 1'), rule('B', 'y{a="1 2"}'), rule('C', 'z', 60), rule('D', 'x')];
  const running = [rule('E', 'x > 1'), rule('B', 'y{a="12"}'), rule('C', 'z', 30), rule('D', '???')];
  assert.deepEqual(await compareRules(rendered, running, async (query) => format(query.replace('"1 2"', '"one"'))), [
    { kind: 'missing', group: 'odoo', name: 'A' },
    { kind: 'extra', group: 'odoo', name: 'E' },
    { kind: 'expression', group: 'odoo', name: 'B' },
    { kind: 'for', group: 'odoo', name: 'C' },
    { kind: 'expression', group: 'odoo', name: 'D' },
  ]);
});

test('two rules of one name are told apart by their order', async () => {
  const two = [rule('A', 'x > 1'), rule('A', 'x > 2')];
  assert.deepEqual(await compareRules(two, two, format), []);
  assert.deepEqual(await compareRules(two, two.slice(0, 1), format), [{ kind: 'missing', group: 'odoo', name: 'A' }]);
  assert.deepEqual(await compareRules(two, [rule('A', 'x > 1'), rule('A', 'x > 3')], format), [
    { kind: 'expression', group: 'odoo', name: 'A' },
  ]);
});
