import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linksOf } from './links.ts';
import { resolvedEmail } from './resolvedEmail.ts';

const startsAt = Date.UTC(2026, 10, 24, 3, 14);
const normalAt = startsAt + 10 * 60_000;
const labels = { alertname: 'LowDiskSpace', service: 'host', country: 'SLE', env: 'a&b', instance: 'node:9100' };
const annotations = { dashboard_uid: 'dfr-host' };

function mailOf(subject: { labels: Record<string, string>; annotations: Record<string, string> }) {
  const about = {
    fingerprint: 'f',
    alertName: 'LowDiskSpace',
    from: startsAt,
    to: normalAt,
    incidentId: 'i',
    ...subject,
  };
  const facts = {
    alertName: 'LowDiskSpace',
    severity: 'high',
    startsAt,
    normalAt,
    lastValue: 7,
    mendedBy: null,
    proof: 'Seen.',
  };
  return resolvedEmail({ ...facts, ...subject }, linksOf('https://ops.dfr.example/', about));
}

test('the mail of the end leads to the dashboard of the alert, at its time and place', () => {
  const { text, html } = mailOf({ labels, annotations });
  const url = new URL(/^Dashboard: (\S+)$/m.exec(text)?.[1] ?? assert.fail(text));
  assert.equal(url.origin + url.pathname, 'https://ops.dfr.example/d/dfr-host');
  assert.deepEqual(Object.fromEntries(url.searchParams), {
    from: String(startsAt - 15 * 60_000),
    to: String(normalAt + 5 * 60_000),
    'var-country': 'SLE',
    'var-env': 'a&b',
    'var-service': 'host',
    'var-instance': 'node:9100',
  });
  assert.ok(html.includes(`<a href="${url.href.replaceAll('&', '&#38;')}">Dashboard</a>`), html);
});

test('it asks for no instance that is the name of a container', () => {
  const { text } = mailOf({ labels: { ...labels, service: 'odoo', instance: 'dfr_odoo_prod' }, annotations });
  assert.match(text, /^Dashboard: .*var-service=odoo$/m);
});

test('it leads to none where the rule names none', () => {
  const { text, html } = mailOf({ labels, annotations: {} });
  assert.doesNotMatch(text + html, /Dashboard/);
});

test('it leads to the incident, the alert, the logs and the runbook', () => {
  const { text } = mailOf({ labels, annotations });
  assert.deepEqual(
    [...text.matchAll(/^(.+): https:/gm)].map(([, name]) => name),
    ['Incident', 'Alert', 'Dashboard', 'Logs of that time', 'Runbook']
  );
});
