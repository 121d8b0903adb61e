import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { stringify } from 'yaml';
import { examine } from '../check.ts';
import { installationAt, startFakeServer, Status } from '../test/fakeServer.ts';
import { alertmanagerChecks } from './alertmanager.ts';
import { compareConfig } from './compareConfig.ts';
import { receiversOf } from './routes.ts';

const folder = await mkdtemp(join(tmpdir(), 'dfr-ops-doctor-test-'));
const server = await startFakeServer();
after(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const config = () => ({
  route: {
    receiver: 'mail',
    group_wait: '24h',
    routes: [{ receiver: 'urgent', matchers: ['severity="critical"'] }],
  },
  receivers: [
    { name: 'mail', email_configs: [{ to: 'a@dfr.example' }] },
    { name: 'urgent', webhook_configs: [{ url: 'http://h/' }] },
  ],
});
await mkdir(join(folder, 'alertmanager'));
await writeFile(join(folder, 'alertmanager/alertmanager.yml'), stringify(config()));

async function look(running: ReturnType<typeof config>, cluster: object = { status: 'disabled' }, more = 0) {
  server.answers['/api/v2/status'] = () => ({ cluster, config: { original: stringify(running) } });
  server.answers['/api/v2/alerts'] = () => [{}];
  const installation = installationAt(server, folder);
  installation.alertmanagers.push(...Array.from({ length: more }, () => server.as('Alertmanager')));
  const [found] = await examine([{ title: '', checks: alertmanagerChecks(installation) }]);
  return found!.findings.slice(0, 4);
}

test('the rendered configuration, with defaults filled in and secrets masked, is well', async () => {
  const running = config();
  running.route.group_wait = '1d';
  Object.assign(running.receivers[1]!.webhook_configs![0]!, { url: '<secret>', send_resolved: true });
  const findings = await look(running);
  assert.deepEqual(
    findings.map(({ state }) => state),
    ['ok', 'ok', 'ok', 'ok'],
    JSON.stringify(findings)
  );
  assert.match(findings[1]!.text, /critical → urgent; high → mail/);
});

test('another receiver is told with its place; an alert that reaches nobody too', async () => {
  const running = config();
  running.route.routes[0]!.receiver = 'mail';
  const [differs] = await look(running);
  assert.match(`${differs!.state} ${differs!.text}`, /^failed .*route\.routes\[0\]\.receiver/);
  const silent = config();
  delete silent.receivers[1]!.webhook_configs;
  const [, routing] = await look(silent);
  assert.match(`${routing!.state} ${routing!.text}`, /^failed These alerts reach nobody: critical of odoo \(urgent\)/);
});

test('cluster: alone where others are configured, a peer missing, settling', async () => {
  const state = async (cluster: object, more: number) => (await look(config(), cluster, more))[2]!.state;
  assert.equal(await state({ status: 'disabled' }, 1), 'failed');
  assert.equal(await state({ status: 'ready', peers: [{}] }, 1), 'failed');
  assert.equal(await state({ status: 'ready', peers: [{}, {}] }, 1), 'ok');
  assert.equal(await state({ status: 'settling', peers: [{}] }, 0), 'warning');
});

test('no Watchdog, no answer', async () => {
  await look(config());
  server.answers['/api/v2/alerts'] = () => [];
  server.answers['/api/v2/status'] = () => new Status(401, 'Unauthorized');
  const [found] = await examine([{ title: '', checks: alertmanagerChecks(installationAt(server, folder)) }]);
  assert.deepEqual(
    found!.findings.map(({ state }) => state),
    ['failed', 'failed']
  );
  assert.match(found!.findings[0]!.text, /answered 401/);
});

test('without a password of ours, a refusal is not called a fault', async () => {
  const installation = installationAt(server, folder);
  installation.alertmanagers[0]!.withoutPassword = 'its password file /x cannot be read';
  const [found] = await examine([{ title: '', checks: alertmanagerChecks(installation) }]);
  assert.match(
    `${found!.findings[0]!.state} ${found!.findings[0]!.text}`,
    /^warning Not checked, because its password/
  );
});

test('routes are walked as Alertmanager does', () => {
  const route = {
    receiver: 'all',
    routes: [
      { receiver: 'first', matchers: ['a=~"x|y"'], continue: true },
      { matchers: ['a="x"'], routes: [{ receiver: 'inner', matchers: ['b!=""'] }] },
      { receiver: 'late', matchers: ['a!~"x|y"'] },
    ],
  };
  assert.deepEqual(receiversOf(route, { a: 'x', b: '1' }), ['first', 'inner']);
  assert.deepEqual(receiversOf(route, { a: 'x' }), ['first', 'all']);
  assert.deepEqual(receiversOf(route, { a: 'y' }), ['first']);
  assert.deepEqual(receiversOf(route, { a: 'z' }), ['late']);
  assert.throws(() => receiversOf({ receiver: 'r', routes: [{ matchers: ['???'] }] }, {}), /cannot be read/);
});

test('a list of another length, and a value that is gone, are differences', () => {
  assert.deepEqual(compareConfig({ a: [1, 2] }, { a: [1] }), ['a']);
  assert.deepEqual(compareConfig({ a: { b: 'x' } }, { a: {} }), ['a.b']);
  assert.deepEqual(compareConfig({ a: { b: '', c: false } }, { a: {} }), []);
});
