import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { composeInstallation, isPrepared, judgeContainers } from './composeInstallation.ts';
import { valuesInstallation } from './valuesInstallation.ts';

const root = await mkdtemp(join(tmpdir(), 'dfr-ops-doctor-test-'));
after(() => rm(root, { recursive: true, force: true }));

test('containers: running, starting, unhealthy, ended, missing; both forms that docker prints', () => {
  const all = [
    { Service: 'a', State: 'running', Health: 'healthy', Status: 'Up 2 minutes (healthy)' },
    { Service: 'b', State: 'running', Health: 'starting' },
    { Service: 'c', State: 'running', Health: 'unhealthy' },
    { Service: 'd', State: 'exited' },
  ];
  const lines = all.map((one) => JSON.stringify(one)).join('\n');
  for (const printed of [lines, JSON.stringify(all)]) {
    const states = judgeContainers(['a', 'b', 'c', 'd', 'e'], printed).map(({ state }) => state);
    assert.deepEqual(states, ['ok', 'warning', 'failed', 'failed', 'failed']);
  }
  assert.equal(judgeContainers(['a'], '')[0]!.state, 'failed');
});

test('compose: everything is asked through Grafana at the port of .env', async () => {
  assert.equal(isPrepared(root), false);
  await mkdir(join(root, 'ops/secrets'), { recursive: true });
  await mkdir(join(root, 'ops/config'));
  await writeFile(join(root, 'ops/secrets/grafana_admin_password'), 'p\n');
  await writeFile(join(root, '.env'), 'DFR_OPS_DIR=./ops\nDFR_OPS_GRAFANA_PORT=3999\nCOMPOSE_PROFILES=monitor\n');
  assert.equal(isPrepared(root), true);
  const { prometheus, service, mailSink, config } = composeInstallation(root);
  assert.equal(prometheus.url, 'http://127.0.0.1:3999/api/datasources/proxy/uid/dfr-prometheus');
  assert.equal(prometheus.headers['authorization'], `Basic ${Buffer.from('admin:p').toString('base64')}`);
  assert.match(service!.act.url, /dfr-ops\/act$/);
  assert.equal(mailSink, null);
  assert.equal(config, join(root, 'ops/config'));
});

test('values: addresses from the values, passwords from files; one that cannot be read is noted', async () => {
  await writeFile(join(root, 'prometheus_password'), 'secret\n');
  const installation = await valuesInstallation({ profile: 'production', secrets: root });
  try {
    assert.equal(installation.prometheus.url, 'http://prometheus:9090');
    assert.match(installation.prometheus.headers['authorization']!, /^Basic /);
    assert.match(installation.alertmanagers[0]!.withoutPassword!, /alertmanager_password cannot be read/);
    assert.equal(installation.service, null);
  } finally {
    await installation.close();
  }
});
