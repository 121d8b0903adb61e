import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { runMetrics } from './runMetrics.ts';

test('an ended run is counted for the service of its alert; one for no alert, for none', async () => {
  const registry = new Registry();
  const ended = runMetrics(registry, () => 0);
  const run = {
    action_id: 'odoo.restart',
    state: 'succeeded' as const,
    created_at: new Date(0),
    finished_at: new Date(3000),
  };
  ended({ ...run, alert_labels: { service: 'postgresql' } });
  ended({ ...run, alert_labels: null });
  ended({ ...run, alert_labels: {} });
  const text = await registry.metrics();
  const counted = [
    ...text.matchAll(/^dfr_ops_runs_total\{action="odoo.restart",state="succeeded",service="(.+)"\} (\d)$/gm),
  ];
  assert.deepEqual(
    counted.map(([, service, count]) => [service, count]),
    [
      ['postgresql', '1'],
      ['none', '2'],
    ]
  );
});
