import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { preparedCompose } from './test/preparedCompose.ts';
import { whatNext } from './whatNext.ts';

const demo = await preparedCompose('demo');
const monitor = await preparedCompose('monitor');
after(() => [demo, monitor].forEach((one) => one.remove()));

const withMode = (mode: string) =>
  whatNext({
    ...monitor,
    values: {
      ...monitor.values,
      sqlExporter: { ...monitor.values.sqlExporter, connection: `postgres://m@db:5432/odoo${mode}` },
    },
  });

test('the demonstration wants nothing but to be started', () => {
  assert.match(whatNext(demo), /docker compose up -d\n +Open +http:\/\/127\.0\.0\.1:3000 +as admin/);
  assert.doesNotMatch(whatNext(demo), /First|Then/);
});

test('for a DFR that runs already, its passwords are asked for, and a mode that the exporters do not know is told', () => {
  assert.match(withMode('?sslmode=disable'), /postgres_dfr_monitor_password/);
  assert.match(withMode('?sslmode=prefer'), /says sslmode=prefer, which the exporters do not\n +know/);
  for (const mode of ['', '?sslmode=require', '?sslmode=verify-full', '?sslmode=disable']) {
    assert.doesNotMatch(withMode(mode), /exporters do not/, mode);
  }
});
