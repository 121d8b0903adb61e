import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { recordVerified, runOn, versionsHere } from './recordVerified.mjs';

const versions = { page: null, Grafana: null, Loki: '3.5.0', Odoo: null, Prometheus: '2.42.0', Alertmanager: '0.25.0', PostgreSQL: '15.1', Nginx: '1.22.1', Chromium: '156.0' };

test('says of each system its version, or what stood in for it', () => {
  assert.equal(
    runOn('browser', versions),
    "stand-in host, Loki 3.5.0, Odoo's stand-in, Prometheus 2.42.0, Alertmanager 0.25.0, PostgreSQL 15.1, Nginx 1.22.1, Chromium 156.0"
  );
  assert.match(runOn('browser', { ...versions, page: 'Grafana 12.3.3' }), /^Grafana 12\.3\.3, /);
  assert.equal(runOn('lint', versions), null);
});

test('a program that is not there, or another of that name, has no version', () => {
  assert.equal(versionsHere(null).Odoo, null);
  assert.match(versionsHere(null).Prometheus ?? '', /^\d+\.\d+/);
});

test('a run on the same versions takes the place of the former, one on others stands beside it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dfr-verified-'));
  const file = join(folder, 'verified.md');
  const at = (text) => new Date(`${text}:00Z`);
  recordVerified(file, [{ suite: 'browser', passed: 20, failed: 1 }], versions, at('2026-01-01T10:00'));
  recordVerified(file, [{ suite: 'browser', passed: 21, failed: 0 }], versions, at('2026-01-02T11:30'));
  recordVerified(
    file,
    [
      { suite: 'browser', passed: 22, failed: 0 },
      { suite: 'lint', passed: 1, failed: 0 },
    ],
    { ...versions, page: 'Grafana 12.3.3' },
    at('2026-01-03T12:00')
  );
  const rows = readFileSync(file, 'utf8').split('\n').filter((line) => line.startsWith('| browser'));
  rmSync(folder, { recursive: true });
  assert.equal(rows.length, 2);
  assert.match(rows[0], /^\| browser \| Grafana 12\.3\.3, .* \| 22 \| 0 \| 2026-01-03 12:00 \|$/);
  assert.match(rows[1], /stand-in host, .* \| 21 \| 0 \| 2026-01-02 11:30 \|$/);
});
