import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createPrometheus, type Prometheus } from '../connectors/prometheus.ts';
import { startProvider, type Provider } from '../test/startProvider.ts';
import { fingerprintOf } from './fingerprint.ts';
import { observe } from './observe.ts';

// What Loki 3 answers, with a rule that fires and one that does not.
const evaluated = new Date().toISOString();
const labels = { alertname: 'Always', severity: 'high' };
const fires = { state: 'firing', name: 'Always', query: '(vector(1) > 0)', labels: { severity: 'high' }, annotations: {}, alerts: [{ labels, annotations: {}, state: 'firing', activeAt: evaluated, value: '1e+00' }], health: 'ok', lastError: '', type: 'alerting', lastEvaluation: evaluated, evaluationTime: 0.001 }; // prettier-ignore
const quiet = { ...fires, state: 'inactive', name: 'Never', alerts: [] };
const answer = JSON.stringify({ status: 'success', data: { groups: [{ name: 'g', file: 'a.yaml', rules: [fires, quiet], interval: 2, lastEvaluation: evaluated, evaluationTime: 0.001 }] }, errorType: '', error: '' }); // prettier-ignore
const silent = { name: 'Prometheus', rules: async () => Promise.reject(new Error('silent')) } as unknown as Prometheus;
let loki: Provider;

before(async () => (loki = await startProvider({ status: 200, body: answer })));
after(() => loki?.stop());

const look = async () =>
  (await observe(silent, [], createPrometheus({ name: "Loki's ruler", url: `${loki.url}/prometheus`, timeoutMs: 500 })))
    .ruler;

test('Loki’s ruler is asked for its rules and what is active by them', async () => {
  loki.answer({ status: 200, body: answer });
  const sight = await look();
  assert.ok(sight?.ok);
  assert.match(loki.requests.at(-1)!.url, /^\/prometheus\/api\/v1\/rules/);
  assert.equal(sight.active.get(fingerprintOf(labels))?.state, 'firing');
  assert.deepEqual([...sight.rules.keys()], ['Always', 'Never']);
});

test('a log store without a ruler, or one that is silent, is no ruler and no fault', async () => {
  loki.answer({ status: 404, body: 'not found' });
  assert.equal(await look(), null);
  loki.answer(null);
  assert.equal(await look(), null);
  const observation = await observe(silent, [], null);
  assert.equal(observation.ruler, null);
  assert.deepEqual(observation.sources.map(({ kind }) => kind), ['prometheus']); // prettier-ignore
});
