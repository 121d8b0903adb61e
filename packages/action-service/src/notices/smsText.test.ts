import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDuration, formatInstant, formatValue } from './formatValue.ts';
import { segmentsOf, toGsm } from './gsmText.ts';
import { linksOf } from './links.ts';
import { firingSms, resolvedSms } from './smsText.ts';

const startsAt = Date.parse('2026-07-28T03:14:07.000Z');
const subject = {
  fingerprint: '0123456789abcdef',
  alertName: 'PostgresTooManyConnections',
  labels: { service: 'postgresql' },
  annotations: {},
  from: startsAt,
  to: null,
  incidentId: 'ik3j9x2m5qp1',
};
const facts = {
  alertName: subject.alertName,
  severity: 'critical',
  env: 'demo',
  value: 93.75,
  annotations: { signal_unit: 'percent' },
  startsAt,
  repeat: false,
};

test('a firing SMS says alert, severity, value, start and three addresses in two segments', () => {
  const links = linksOf('http://127.0.0.1:13000', subject);
  const text = firingSms(facts, links);
  for (const part of [
    'CRITICAL',
    'PostgresTooManyConnections',
    '93.8%',
    '28 Jul 03:14:07 UTC',
    links.alert,
    links.runbook,
    links.logs,
  ]) {
    assert.ok(text.includes(part), `${part} is missing in ${text}`);
  }
  assert.ok(segmentsOf(text) <= 2, `${segmentsOf(text)} segments: ${text}`);
});

test('the rule’s own words for its value are told where they fit', () => {
  const links = linksOf('http://127.0.0.1:3000', { ...subject, alertName: 'OdooDown', labels: { service: 'odoo' } });
  const text = firingSms(
    { ...facts, alertName: 'OdooDown', value: 0, annotations: { value: 'no answer', signal_unit: 'bool_on_off' } },
    links
  );
  assert.match(text, /^CRITICAL OdooDown value no answer since 28 Jul 03:14:07 UTC \(demo\)/);
});

test('addresses too long for two segments take a third, and beyond that one address remains', () => {
  const long = linksOf('https://monitoring.farmer-registry.agriculture.example.gov', subject);
  const three = firingSms(facts, long);
  assert.equal(segmentsOf(three), 3);
  assert.ok(three.includes(long.logs));
  const tooLong = linksOf(`https://${'x'.repeat(140)}.example.gov`, subject);
  const one = firingSms(facts, tooLong);
  assert.ok(segmentsOf(one) <= 3);
  assert.ok(one.endsWith(tooLong.incident!));
});

test('a resolved SMS says how long and who', () => {
  const text = resolvedSms(
    { alertName: 'OdooDown', env: 'demo', normalAt: startsAt, lastedMs: 245_000, mendedBy: 'Restart Odoo by admin' },
    'http://x/i'
  );
  assert.equal(
    text,
    'RESOLVED OdooDown (demo) after 4 min, normal since 28 Jul 03:14:07 UTC. Restart Odoo by admin\nhttp://x/i'
  );
});

test('what GSM cannot say loses its accent instead of doubling the price', () => {
  assert.equal(toGsm('Kǝnema – “ō” é'), 'K?nema - "o" é');
  assert.equal(segmentsOf('a'.repeat(161)), 2);
});

test('values carry their unit, and an unknown one says so', () => {
  assert.equal(formatValue(0.9375, 'percentunit'), '93.8%');
  assert.equal(formatValue(1234.5, 'short'), '1235');
  assert.equal(formatValue(2.411, 's'), '2.41 s');
  assert.equal(formatValue(3 * 1024 ** 3, 'bytes'), '3 GiB');
  assert.equal(formatValue(0, undefined), '0');
  assert.equal(formatValue(null, 'percent'), 'unknown');
  assert.equal(formatInstant(startsAt), '28 Jul 03:14:07 UTC');
  assert.equal(formatDuration(3 * 3_600_000 + 5 * 60_000), '3 h 05 min');
});
