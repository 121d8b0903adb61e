import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readConfig as readService } from '../../../action-service/src/config.ts';
import { readConfig as readHost } from '../../../host/src/config.ts';
import { composePasswordFile } from '../console/passwordFile.ts';
import { repoRoot } from '../native/context.ts';
import { preparedCompose } from './test/preparedCompose.ts';
import { loadComposeFile } from './test/readComposeFile.ts';

type Services = Record<string, { environment: Record<string, string> }>;

const demo = await preparedCompose('demo');
after(() => demo.remove());

const inside = (environment: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      value.replace('/run/secrets', join(demo.folder, 'secrets')),
    ])
  );
const service = (more: Record<string, string> = {}) =>
  readService({ ...inside(demo.compose.services['action-service']!.environment!), ...more });
const host = () => {
  const folders = { HOST_DIST: repoRoot, HOST_DASHBOARDS: join(repoRoot, 'dashboards') };
  return readHost({ ...inside(demo.compose.services['console']!.environment!), ...folders });
};
const settings = { ...demo.settings, DFR_OPS_CONSOLE_PORT: '3001' };
const overlay = () => loadComposeFile(settings, 'docker/break-glass.yaml')['services'] as Services;

test('the console wants a password, and npm run console finds the file that it reads', () => {
  const { access, secret, passwordFile, audience } = host();
  assert.deepEqual({ access, secret, audience }, { access: 'password', secret: null, audience: 'dfr-ops-console' });
  const mounted = demo.compose.services['console']!.volumes!.find((one) => one.endsWith(':/var/lib/dfr-console'))!;
  const outside = passwordFile.replace('/var/lib/dfr-console', mounted.split(':')[0]!);
  assert.equal(outside, composePasswordFile(demo.root));
});

test('break-glass.yaml adds the console as a second signer and takes Grafana nothing; without it there is one', () => {
  assert.equal(service().breakGlass, null);
  assert.deepEqual(
    service().issuers.map(({ name }) => name),
    ['Grafana']
  );
  const both = service(overlay()['action-service']!.environment);
  assert.deepEqual(both.grafana, service().grafana);
  assert.deepEqual(
    both.issuers.map(({ issuer, audience }) => [issuer, audience]),
    [
      [both.grafana.issuer, 'org:1'],
      [host().publicUrl, host().audience],
    ]
  );
  const door = JSON.stringify(demo.compose.services['console']!.command);
  assert.ok(door.includes(new URL(both.breakGlass!.keysUrl).port), 'the keys are published through a door');
});

test('half a console, or one that says that it is Grafana, is refused at the start', () => {
  const { BREAK_GLASS_ISSUER, BREAK_GLASS_KEYS_URL } = overlay()['action-service']!.environment;
  assert.throws(() => service({ BREAK_GLASS_ISSUER: BREAK_GLASS_ISSUER! }), /set together or not at all/);
  assert.throws(() => service({ BREAK_GLASS_KEYS_URL: BREAK_GLASS_KEYS_URL! }), /set together or not at all/);
  const same = { BREAK_GLASS_ISSUER: `${service().grafana.issuer}/`, BREAK_GLASS_KEYS_URL: BREAK_GLASS_KEYS_URL! };
  assert.throws(() => service(same), /is Grafana's own/);
});
