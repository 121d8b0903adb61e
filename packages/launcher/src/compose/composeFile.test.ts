import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { repoRoot } from '../native/context.ts';
import { ComposeFile } from './test/composeSchema.ts';
import { preparedCompose } from './test/preparedCompose.ts';
import { interpolateText, loadComposeFile, readComposeFile, servicesOf } from './test/readComposeFile.ts';

const settings = { DFR_OPS_UID: '1000', DFR_OPS_GID: '1000', DFR_OPS_DOCKER_GID: '999' };

test('it is of the form that the Compose Specification describes, and nothing else is in it', () => {
  assert.ok(Object.keys(readComposeFile(settings).services).length > 20);
});

test('an unknown key, a wrong duration or a short form that is not ours is found', () => {
  type Loose = { services: Record<string, Record<string, unknown>> };
  const broken: Array<[string, (file: Loose) => void]> = [
    ['unknown key', ({ services }) => (services['loki']!['healthchek'] = {})],
    ['unknown section', (file) => Object.assign(file, { volume: {} })],
    ['duration', ({ services }) => Object.assign(services['loki']!['healthcheck'] as object, { interval: '10' })],
    ['privileged', ({ services }) => (services['loki']!['privileged'] = true)],
    ['no profile', ({ services }) => delete services['loki']!['profiles']],
  ];
  for (const [name, breakIt] of broken) {
    const file = loadComposeFile(settings) as Loose;
    breakIt(file);
    assert.equal(ComposeFile.safeParse(file).success, false, name);
  }
});

test('without a preparation it says what to do', () => {
  assert.throws(() => readComposeFile({}), /npm run compose -- --prepare/);
});

test('placeholders are read as docker compose reads them', () => {
  const text = '${A:-${B:-x}/y}|${A-z}|$$1|${C?no}';
  assert.equal(interpolateText(text, { A: '', C: '' }), 'x/y||$1|');
  assert.equal(interpolateText(text, { A: 'a', B: 'b', C: 'c' }), 'a|a|$1|c');
  assert.throws(() => interpolateText(text, {}), /C is missing: no/);
  assert.throws(() => interpolateText('cost: $5', {}), /lone \$/);
});

test('what something waits for is there in every profile, or need not be', () => {
  const compose = readComposeFile(settings);
  for (const [name, service] of Object.entries(compose.services)) {
    for (const [other, { required = true }] of Object.entries(service.depends_on ?? {})) {
      const target = compose.services[other];
      assert.ok(target, `${name} waits for ${other}, which is no service`);
      const absent = service.profiles.filter((profile) => !target.profiles.includes(profile));
      assert.ok(absent.length === 0 || !required, `${name} waits for ${other}, which is not in ${absent.join(', ')}`);
    }
  }
});

test('demo has everything, monitor has neither a DFR nor sinks', () => {
  const compose = readComposeFile(settings);
  const demo = servicesOf(compose, 'demo').map(([name]) => name);
  const monitor = servicesOf(compose, 'monitor').map(([name]) => name);
  assert.deepEqual(new Set(demo), new Set(Object.keys(compose.services)));
  assert.deepEqual(demo.filter((name) => !monitor.includes(name)).sort(), [
    'backup',
    'mail-sink',
    'nginx',

    'odoo',
    'postgres',
    'sms-sink',
  ]);
});

test('every setting is in .env.example, or comes from the values', async () => {
  const text = readFileSync(join(repoRoot, 'docker-compose.yaml'), 'utf8');
  const used = new Set([...text.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name ?? ''));
  const example = readFileSync(join(repoRoot, '.env.example'), 'utf8');
  const told = new Set([...example.matchAll(/^#([A-Z_]+)=/gm)].map(([, name]) => name ?? ''));
  const { settings: found, remove } = await preparedCompose('monitor');
  remove();
  assert.deepEqual(
    [...used].filter((name) => !told.has(name) && !(name in found)),
    []
  );
  assert.deepEqual(
    [...told].filter((name) => !used.has(name) && name !== 'COMPOSE_PROFILES'),
    []
  );
});

test('docker compose itself reads it as we do', (context) => {
  const asked = spawnSync('docker', ['compose', 'version'], { encoding: 'utf8', timeout: 20_000 });
  if (asked.status !== 0) {
    context.skip('not run: there is no docker compose here');
    return;
  }
  for (const profile of ['demo', 'monitor']) {
    const done = spawnSync('docker', ['compose', '--profile', profile, 'config'], {
      cwd: repoRoot,
      encoding: 'utf8',
      timeout: 60_000,
      env: { ...process.env, ...settings },
    });
    assert.equal(done.status, 0, done.stderr);
    const theirs = parse(done.stdout) as { services: Record<string, { image: string }> };
    const ours = servicesOf(readComposeFile(settings), profile as 'demo');
    assert.deepEqual(Object.keys(theirs.services).sort(), ours.map(([name]) => name).sort());
    for (const [name, service] of ours) {
      assert.equal(theirs.services[name]?.image, service.image);
    }
  }
});
