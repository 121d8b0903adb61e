import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MatcherError, parseMatcher } from './matchers.ts';

const labels = { alertname: 'OdooDown', severity: 'critical', service: 'odoo' };

test('the four operators match as in Alertmanager', () => {
  for (const [text, expected] of [
    ['severity="critical"', true],
    ['severity=critical', true],
    ['severity!="critical"', false],
    ['service=~"odoo|nginx"', true],
    ['service=~"od"', false],
    ['service=~"doo"', false],
    ['service!~"ng.*"', true],
    ['alertname=~"Odoo\\w+"', true],
    ['alertname=~"Odoo\\.+"', false],
    ['service=~"(odoo|nginx).*"', true],
    ['alertname=~"Odoo.*|Nginx.*|Postgres.*|Host.*"', true],
    ['country=""', true],
    ['country!=""', false],
  ] as const) {
    assert.equal(parseMatcher(text).matches(labels), expected, text);
  }
});

test('what is no matcher is refused with the reason', () => {
  for (const text of [
    '',
    'severity',
    '="x"',
    'severity="x',
    'service=~"("',
    'service=~"(a+)+"',
    'service=~"(.|.)*x"',
    'service=~"((a|a))*x"',
    'service=~"a{1,9}{1,9}"',
    'service=~".*.*.*.*.*.*.*.*.*.*.*.*x"',
    'service=~"a?a?a?a?a?a?aaaaaa"',
    `a="${'x'.repeat(400)}"`,
  ]) {
    assert.throws(() => parseMatcher(text), MatcherError, text);
  }
});
