import { matchersOf, viewOfAlerts } from './alertFilters';

const matchers = (search: string) => matchersOf(viewOfAlerts(new URLSearchParams(search)));

test('nothing asked: no matcher', () => {
  expect(matchers('')).toEqual([]);
});

test('severities and services are alternatives', () => {
  expect(matchers('severity=critical,high&service=odoo')).toEqual(['severity=~"critical|high"', 'service=~"odoo"']);
});

test('text is looked for in the name, whatever its case, and is never an expression', () => {
  expect(matchers('text=Db(x')).toEqual(['alertname=~".*[dD][bB]\\\\([xX].*"']);
});
