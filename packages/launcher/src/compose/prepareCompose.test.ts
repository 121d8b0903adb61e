import assert from 'node:assert/strict';
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseEnv } from 'node:util';
import bcrypt from 'bcryptjs';
import { parse } from 'yaml';
import { repoRoot } from '../native/context.ts';
import { checkProvisioning } from '../provision/check.ts';
import { derivedSecrets, keptSecrets } from './composeSecrets.ts';
import { preparedCompose, type PreparedCompose } from './test/preparedCompose.ts';

const demo = await preparedCompose('demo');
const monitor = await preparedCompose('monitor', 'DFR_OPS_PUBLIC_URL=https://ops.here.example\nDFR_OPS_SMS_TO=+100');
after(() => [demo, monitor].forEach((one) => one.remove()));

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** Host paths that a service mounts, absolute or from the repository. */
function mounts({ compose }: PreparedCompose): Array<{ service: string; path: string }> {
  return Object.entries(compose.services).flatMap(([service, { volumes = [] }]) =>
    volumes
      .map((volume) => volume.split(':')[0] ?? '')
      .filter((path) => /^[./]/.test(path))
      .map((path) => ({ service, path }))
  );
}

test('every path that is mounted exists after a preparation, or is what a build brings', () => {
  const built = ['./dist', './packages/host/dist', './node_modules/@grafana/ui'];
  const engines = ['/var/run/docker.sock'];
  for (const prepared of [demo, monitor]) {
    const missing = mounts(prepared)
      .filter(({ path }) => ![...built, ...engines].includes(path))
      .filter(({ path }) => !existsSync(path.startsWith('/') ? path : join(repoRoot, path)));
    assert.deepEqual(missing, []);
    assert.ok(mounts(prepared).length > 30);
  }
});

test('all that is prepared belongs to whom the containers run as', () => {
  for (const { folder, settings } of [demo, monitor]) {
    const all = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    assert.ok(all.length > 80);
    assert.deepEqual(
      all.filter((path) => String(statSync(join(folder, path)).uid) !== settings['DFR_OPS_UID']),
      []
    );
  }
});

test('nothing is prepared that no service mounts', () => {
  const used = new Set(mounts(demo).map(({ path }) => path));
  const prepared = ['config', 'data'].flatMap((name) =>
    readdirSync(join(demo.folder, name)).map((inside) => join(demo.folder, name, inside))
  );
  // Rendered; copies of them are mounted, in folders of their own.
  const known = [
    'policy.yaml',
    'policy.demo.yaml',
    'policy.schema.json',
    '.rendered.json',
    'config/datasources',
    'config/plugins',
  ];
  assert.deepEqual(
    prepared.filter((path) => !used.has(path) && !known.some((name) => path.endsWith(name))),
    []
  );
});

test('each secret is a file of its own, for its owner only, and each is somebody’s', () => {
  const made = [...keptSecrets, ...derivedSecrets];
  const given = new Set(Object.values(demo.compose.services).flatMap(({ secrets = [] }) => secrets));
  assert.deepEqual(readdirSync(join(demo.folder, 'secrets')).sort(), [...made].sort());
  for (const { compose, folder, settings } of [demo, monitor]) {
    assert.equal(modeOf(join(folder, 'secrets')), '700');
    for (const [name, { file }] of Object.entries(compose.secrets)) {
      assert.equal(file, join(folder, 'secrets', name));
      assert.equal(modeOf(file), '600', name);
      assert.equal(String(statSync(file).uid), settings['DFR_OPS_UID'], name);
      assert.ok(given.has(name), `${name} is given to no service`);
    }
  }
  for (const name of given) {
    assert.ok(demo.compose.secrets[name], `${name} is declared`);
  }
  // The one that stands in odoo.conf only.
  assert.deepEqual(
    made.filter((name) => !(name in demo.compose.secrets)),
    ['odoo_master_password']
  );
});

test('files named in the values are secrets that the readers of those values get', () => {
  const files = demo.values.files as Record<string, string>;
  for (const [name, path] of Object.entries(files).filter(([, path]) => path.startsWith('/run/secrets/'))) {
    assert.ok(demo.compose.secrets[path.slice('/run/secrets/'.length)], `${name}: ${path}`);
  }
  const readers: Record<string, string> = {
    prometheus: 'prometheus',
    alertmanager: 'alertmanager',
    loki: 'loki',
    grafana: 'datasources',
  };
  for (const [service, folder] of Object.entries(readers)) {
    for (const name of secretsNamedIn(join(demo.folder, 'config', folder))) {
      assert.ok(demo.compose.services[service]?.secrets?.includes(name), `${service} reads ${name}`);
    }
  }
  for (const [name, { environment = {}, secrets = [] }] of Object.entries(demo.compose.services)) {
    for (const value of Object.values(environment)) {
      const secret = /\/run\/secrets\/([\w.]+)/.exec(value)?.[1];
      assert.ok(!secret || secrets.includes(secret), `${name} reads ${secret}`);
    }
  }
});

function secretsNamedIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/\/run\/secrets\/([\w.]+\w)/g)].map(([, name]) => name!)
    );
}

test('Odoo has the workers that its alert expects, and the service knows which of them run crons', () => {
  const conf = readFileSync(join(demo.folder, 'secrets/odoo_conf'), 'utf8');
  assert.match(conf, /^workers = 2\nmax_cron_threads = 1$/m);
  const rules = readFileSync(join(demo.folder, 'config/prometheus/rules/odoo-answers.yaml'), 'utf8');
  assert.match(rules, /last_over_time\(dfr:odoo_workers:count\[\w+\]\) < 2$/m);
  const cronWorkers = ({ compose }: PreparedCompose) =>
    compose.services['action-service']?.environment?.['ODOO_CRON_WORKERS'];
  assert.deepEqual([cronWorkers(demo), cronWorkers(monitor)], ['1', '2']);
});

test('a second preparation keeps secrets, a person’s own too, and derives the rest from them', async () => {
  const kept = await preparedCompose('demo');
  after(() => kept.remove());
  const file = (name: string) => join(kept.folder, 'secrets', name);
  const first = readFileSync(file('grafana_admin_password'), 'utf8');
  writeFileSync(file('store_password'), 'mine:with\\both');
  await kept.again();
  assert.equal(readFileSync(file('grafana_admin_password'), 'utf8'), first);
  const owner = readFileSync(file('store_owner_password'), 'utf8');
  assert.equal(
    readFileSync(file('store_pgpass'), 'utf8'),
    `store:5432:dfr_ops:dfr_ops_service:mine\\:with\\\\both\nstore:5432:dfr_ops:dfr_ops_owner:${owner}\n`
  );
  assert.notEqual(first, readFileSync(file('grafana_secret_key'), 'utf8'));
});

test('a second preparation puts its files where running containers see them', async () => {
  const folders = mounts(demo)
    .map(({ path }) => path)
    .filter((path) => path.startsWith(join(demo.folder, 'config')) && statSync(path).isDirectory());
  // Held open as a mount holds them: one that is removed has no name any more, whatever comes in its place.
  const held = folders.map((path) => openSync(path, 'r'));
  await demo.again();
  const removed = folders.filter((_path, index) => fstatSync(held[index] ?? -1).nlink === 0);
  held.forEach((file) => closeSync(file));
  assert.deepEqual(removed, []);
});

test('the hashes that the servers ask with are those of the passwords in the files', () => {
  for (const name of ['prometheus', 'alertmanager'] as const) {
    const web = parse(readFileSync(join(demo.folder, 'config', name, 'web.yml'), 'utf8')) as {
      basic_auth_users: Record<string, string>;
    };
    const hash = web.basic_auth_users[demo.values[name].user] ?? '';
    assert.ok(bcrypt.compareSync(demo.secrets.read(`${name}_password`), hash), name);
    assert.ok(!bcrypt.compareSync(demo.secrets.read('store_password'), hash), name);
  }
});

test('the console gets Grafana’s datasources, with the secrets themselves', () => {
  type Entry = { uid: string; secureJsonData?: Record<string, string> };
  const entries = JSON.parse(readFileSync(join(demo.folder, 'secrets/console_datasources'), 'utf8')) as Entry[];
  const secretOf = (uid: string) => Object.values(entries.find((one) => one.uid === uid)?.secureJsonData ?? {});
  assert.deepEqual(secretOf('dfr-prometheus'), [demo.secrets.read('prometheus_password')]);
  assert.deepEqual(secretOf('dfr-ops'), [demo.secrets.read('dfr_ops_secret')]);
  assert.ok(!JSON.stringify(entries).includes('$__file'));
});

test('.env: what a person wrote wins, the rest comes from the values', () => {
  const written = parseEnv(readFileSync(join(monitor.root, '.env'), 'utf8'));
  assert.equal(written['DFR_OPS_PUBLIC_URL'], 'https://ops.here.example');
  assert.equal(written['DFR_OPS_SMS_TO'], '+100');
  assert.equal(written['COMPOSE_PROFILES'], 'monitor');
  assert.equal(written['DFR_OPS_POLICY'], 'policy.yaml');
  assert.equal(written['DFR_POSTGRES'], monitor.values.addresses.postgres);
  assert.equal(monitor.values.site.publicUrl, 'https://ops.here.example');
  const environment = monitor.compose.services['action-service']?.environment ?? {};
  assert.equal(environment['DFR_OPS_DEMONSTRATION'], 'false');
  assert.equal(environment['SMS_PROVIDER_URL'], '');
  assert.equal(environment['DFR_POSTGRES_MAINTENANCE_URL'], '');
});

test('.env: a second preparation replaces its own part only', async () => {
  const before = readFileSync(join(monitor.root, '.env'), 'utf8');
  await monitor.again();
  assert.equal(readFileSync(join(monitor.root, '.env'), 'utf8'), before);
});

for (const prepared of [demo, monitor]) {
  test(`the servers' own tools accept what was prepared for ${prepared.profile}`, async (context) => {
    const results = await checkProvisioning(join(prepared.folder, 'config'), { rules: false });
    assert.ok(results.length >= 8);
    for (const { name, state, output } of results) {
      await context.test(name, { skip: state === 'missing' ? `not run: ${output}` : false }, () => {
        assert.equal(state, 'ok', output);
      });
    }
  });
}
