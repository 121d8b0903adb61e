/** What needs the real build, in `dist`: the step `package` of the tests runs it after the step `build`. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';
import { checkBundle } from './checkBundle.ts';
import { packagePlugin } from './packagePlugin.ts';
import { readBundle } from './readBundle.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const dist = join(root, 'dist');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const out = mkdtempSync(join(tmpdir(), 'dfr-dist-'));
after(() => rmSync(out, { recursive: true }));

test('what is built is fit for Grafana and its catalogue', () => {
  assert.deepEqual(checkBundle(readBundle(dist), { version }), []);
});

test('it is the app with its data source and both panels', () => {
  const { app, nested } = readBundle(dist);
  assert.equal(app.json.id, 'dfr-ops-app');
  assert.deepEqual(
    nested.map(({ json, folder }) => `${folder}: ${json.id}`),
    ['datasource: dfr-ops-datasource', 'alerts-panel: dfr-alerts-panel', 'actions-panel: dfr-actions-panel']
  );
});

test('a nested plugin is one script: what it would load later lies where Grafana does not look for it', () => {
  const { files } = readBundle(dist);
  const scripts = files.map(({ path }) => path).filter((path) => /^[a-z-]+\/.*\.js$/.test(path));
  assert.deepEqual(scripts, ['actions-panel/module.js', 'alerts-panel/module.js', 'datasource/module.js']);
});

test('built again it is the same zip, to the byte', { timeout: 170_000 }, async () => {
  const first = await packagePlugin({ root, dist, out: join(out, 'first') });
  const built = spawnSync('npm', ['run', 'build'], { cwd: root, encoding: 'utf8' });
  assert.equal(built.status, 0, built.stdout + built.stderr);
  const second = await packagePlugin({ root, dist, out: join(out, 'second') });
  assert.equal(second.sha256, first.sha256, differenceOf(first.zip, second.zip));
});

function differenceOf(one: string, other: string): string {
  const [before, now] = [unzipSync(readFileSync(one)), unzipSync(readFileSync(other))];
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  const differ = names.filter((name) => Buffer.compare(before[name] ?? Buffer.of(), now[name] ?? Buffer.of()) !== 0);
  return `these differ: ${differ.join(', ') || 'none, but times, modes or order do'}`;
}

test('npm run package writes the zip and says how an unsigned one is allowed', { timeout: 60_000 }, () => {
  const environment = { ...process.env, GRAFANA_ACCESS_POLICY_TOKEN: undefined };
  const argv = ['run', '--silent', 'package', '--', '--no-build', '--no-install', '--out', join(out, 'cli')];
  const done = spawnSync('npm', argv, { cwd: root, encoding: 'utf8', env: environment });
  assert.equal(done.status, 0, done.stderr);
  assert.ok(existsSync(join(out, 'cli', `dfr-ops-app-${version}.zip.sha1`)));
  const ids = 'dfr-ops-app,dfr-ops-datasource,dfr-alerts-panel,dfr-actions-panel';
  assert.match(done.stdout, new RegExp(`not signed[^]*allow_loading_unsigned_plugins = ${ids}$`, 'm'));

  const wrong = spawnSync('npm', [...argv, '--sing'], { cwd: root, encoding: 'utf8', env: environment });
  assert.equal(wrong.status, 1);
  assert.match(wrong.stderr, /Unknown option '--sing'[^]*--help lists the flags/);
});
