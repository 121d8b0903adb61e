import { levelOfLine, logQlOf } from './logQl';

const filter = { service: 'odoo', level: '' as const, text: '', query: '' };

test('a service alone is its stream', () => {
  expect(logQlOf(filter)).toBe('{service="odoo"}');
});

test('level goes into the selector, text behind it, quoted', () => {
  expect(logQlOf({ ...filter, level: 'error', text: 'say "no"' })).toBe(
    '{service="odoo", level=~"error|critical"} |= "say \\"no\\""'
  );
});

test('text between slashes is a regular expression', () => {
  expect(logQlOf({ ...filter, text: '/time(d )?out/' })).toBe('{service="odoo"} |~ "time(d )?out"');
});

test("an alert's own query is kept and narrowed, braces inside its strings notwithstanding", () => {
  expect(
    logQlOf({ ...filter, query: '{service="nginx", path="a}b"} |~ " 5[0-9]{2} "', level: 'warning', text: 'x' })
  ).toBe('{service="nginx", path="a}b", level=~"warning|error|critical"} |~ " 5[0-9]{2} " |= "x"');
});

test('a query that is no stream selector is left as it is', () => {
  expect(logQlOf({ ...filter, query: 'nonsense', level: 'error' })).toBe('nonsense');
});

test.each([
  [{ level: 'error' }, 'anything', 'error'],
  [{}, '2026-01-01 FATAL: too many connections', 'critical'],
  [{}, '2026/01/01 10:00:00 [error] 12#12: upstream', 'error'],
  [{}, 'GET /web 200', ''],
])('level of %j %s is %s', (labels, text, level) => {
  expect(levelOfLine(labels as Record<string, string>, text)).toBe(level);
});
