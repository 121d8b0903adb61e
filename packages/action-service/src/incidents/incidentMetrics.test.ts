import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { incidentMetrics } from './incidentMetrics.ts';

type Row = { state: 'firing' | 'pending'; labels: Record<string, string> };

test('open incidents are counted by state and service; a service without any has 0', async () => {
  const registry = new Registry();
  let rows: Row[] = [
    { state: 'firing', labels: { service: 'odoo' } },
    { state: 'firing', labels: { service: 'odoo' } },
    { state: 'pending', labels: { service: 'nginx' } },
    { state: 'firing', labels: {} },
  ];
  incidentMetrics(
    registry,
    async () => rows,
    () => null
  );
  const shown = async (state: string, service: string) =>
    new RegExp(`^dfr_ops_incidents_open\\{state="${state}",service="${service}"\\} (\\d+)$`, 'm').exec(
      await registry.metrics()
    )?.[1];
  assert.equal(await shown('firing', 'odoo'), '2');
  assert.equal(await shown('pending', 'nginx'), '1');
  assert.equal(await shown('firing', 'nginx'), '0');
  assert.equal(await shown('firing', 'none'), '1');
  rows = [];
  assert.equal(await shown('firing', 'odoo'), '0');
  assert.equal(await shown('firing', 'none'), undefined);
});
