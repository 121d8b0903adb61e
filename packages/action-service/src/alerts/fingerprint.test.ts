import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAlertmanager } from '../connectors/alertmanager.ts';
import { startAlertmanager } from '../test/startMonitoring.ts';
import { type RunningServer, waitUntil } from '../test/startServer.ts';
import { fingerprintOf } from './fingerprint.ts';

const sets: Array<Record<string, string>> = [
  { alertname: 'OdooDown' },
  { alertname: 'PostgresTooManyConnections', severity: 'warning', service: 'postgresql', country: 'SL', env: 'prod' },
  { alertname: 'Accents', place: 'Kǝnema – “Bō” 🌾', a: '1', Z: '2', _x: '3' },
  { alertname: 'Long', text: 'x'.repeat(5000) },
  ...Array.from({ length: 200 }, (_, index) => ({
    alertname: `A${index}`,
    instance: `10.0.0.${index}:9187`,
    value: String(index ** 5),
  })),
];

let server: RunningServer;
before(async () => (server = await startAlertmanager(null)));
after(() => server.stop());

test('fingerprints are those of a real Alertmanager', async () => {
  const posted = sets.map((labels) => ({ labels, startsAt: new Date().toISOString() }));
  const answer = await fetch(`${server.url}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(posted),
  });
  assert.equal(answer.status, 200, await answer.text());
  const alertmanager = createAlertmanager({ name: 'Alertmanager', url: server.url, timeoutMs: 3000 });
  await waitUntil(async () => (await alertmanager.alerts()).length === sets.length, 'the alerts');
  for (const { labels, fingerprint } of await alertmanager.alerts()) {
    assert.equal(fingerprintOf(labels), fingerprint, JSON.stringify(labels).slice(0, 200));
  }
});

test('an empty label does not count, another value does', () => {
  assert.equal(fingerprintOf({ alertname: 'A', empty: '' }), fingerprintOf({ alertname: 'A' }));
  assert.notEqual(fingerprintOf({ alertname: 'A', b: '1' }), fingerprintOf({ alertname: 'A', b: '2' }));
});

test('an Alertmanager that does not answer is a sentence, not an empty list', async () => {
  const gone = createAlertmanager({ name: 'Alertmanager 2', url: 'http://127.0.0.1:9', timeoutMs: 1000 });
  await assert.rejects(gone.alerts(), /^Error: Alertmanager 2 cannot be reached/);
});
