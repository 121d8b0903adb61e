import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { StartProblem, describeProblem } from '../problem.ts';
import { packagePlugin } from './packagePlugin.ts';
import { readBundle } from './readBundle.ts';
import { type TestBundle, makeTestBundle } from './testBundle.ts';

let bundle: TestBundle;
let out = '';
beforeEach(() => {
  bundle = makeTestBundle();
  out = join(bundle.root, 'out');
});
afterEach(() => bundle.remove());

const make = (to = out) => packagePlugin({ root: bundle.root, dist: bundle.dist, out: to });
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test('the zip has one folder, named as the id, with just what was built', async () => {
  const { zip } = await make();
  assert.equal(zip, join(out, 'test-ops-app-1.2.3.zip'));
  const entries = unzipSync(readFileSync(zip));
  const { files } = readBundle(bundle.dist);
  assert.deepEqual(
    Object.keys(entries).filter((name) => !name.endsWith('/')),
    files.map(({ path }) => `test-ops-app/${path}`)
  );
  for (const { path, bytes } of files) {
    assert.ok(bytes.equals(entries[`test-ops-app/${path}`] ?? Buffer.alloc(0)), path);
  }
});

for (const [tool, ...args] of [
  ['unzip', '-q'],
  ['python3', '-m', 'zipfile', '-e'],
] as const) {
  const missing = spawnSync(tool, [tool === 'unzip' ? '-v' : '--version']).status !== 0;
  test(`${tool} takes it`, { skip: missing && `not run: there is no ${tool}` }, async () => {
    const { zip } = await make();
    const into = join(bundle.root, 'unpacked');
    const done = spawnSync(tool, [...args, zip, ...(tool === 'unzip' ? ['-d', into] : [into])], { encoding: 'utf8' });
    assert.equal(done.status, 0, done.stderr);
    assert.deepEqual(readdirSync(into), ['test-ops-app']);
    const compared = spawnSync('diff', ['-r', bundle.dist, join(into, 'test-ops-app')], { encoding: 'utf8' });
    assert.equal(compared.status, 0, compared.stdout);
    if (tool === 'unzip') {
      assert.equal(modeOf(join(into, 'test-ops-app/datasource')), '755');
      assert.equal(modeOf(join(into, 'test-ops-app/datasource/module.js')), '644');
    }
  });
}

test('the checksums are those of the zip, as sha1sum and sha256sum read them', async () => {
  const { zip, sha1, sha256 } = await make();
  for (const [kind, sum] of Object.entries({ sha1, sha256 })) {
    assert.equal(readFileSync(`${zip}.${kind}`, 'utf8'), `${sum}  test-ops-app-1.2.3.zip\n`);
    const checked = spawnSync(`${kind}sum`, ['-c', `test-ops-app-1.2.3.zip.${kind}`], { cwd: out, encoding: 'utf8' });
    assert.equal(checked.status, 0, checked.stderr);
  }
});

test('the same bytes in another time zone, under another umask and from a copy that was written later', async () => {
  const first = await make();
  const other = makeTestBundle();
  const script = `
    import { packagePlugin } from ${JSON.stringify(fileURLToPath(new URL('./packagePlugin.ts', import.meta.url)))};
    process.umask(0o077);
    await packagePlugin(${JSON.stringify({ root: other.root, dist: other.dist, out })});`;
  rmSync(first.zip);
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, TZ: 'Pacific/Auckland' },
  });
  other.remove();
  const again = await make(join(bundle.root, 'third'));
  assert.equal(readFileSync(`${first.zip}.sha256`, 'utf8').split(' ')[0], first.sha256);
  assert.equal(again.sha256, first.sha256);
});

test('an unsigned bundle names every plugin that Grafana must be told of', async () => {
  const { signed, ids } = await make();
  assert.deepEqual({ signed, ids }, { signed: false, ids: ['test-ops-app', 'test-ops-datasource'] });
  assert.ok(
    !Object.keys(unzipSync(readFileSync(join(out, 'test-ops-app-1.2.3.zip')))).includes('test-ops-app/MANIFEST.txt')
  );
});

const broken: Array<[name: string, breakIt: () => void, message: RegExp]> = [
  [
    'no plugin.json',
    () => rmSync(join(bundle.dist, 'plugin.json')),
    /holds no plugin\.json\.\n {2}Run `npm run build`/,
  ],
  [
    'a plugin.json that is no JSON',
    () => bundle.write('plugin.json', '{'),
    /plugin\.json is no JSON: .*\n {2}Mend it in src/,
  ],
  [
    'no module.js',
    () => rmSync(join(bundle.dist, 'module.js')),
    /module\.js: it is missing or empty\. Run `npm run build` again/,
  ],
  [
    'a placeholder',
    () => bundle.edit('plugin.json', (json) => (json.info.version = '%VERSION%')),
    /plugin\.json: %VERSION% was not filled in\. Build with/,
  ],
  [
    'two things',
    () => ['README.md', 'LICENSE'].forEach((name) => rmSync(join(bundle.dist, name))),
    /2 things are wrong .*\n {2}README\.md: .*\n {2}LICENSE: /,
  ],
];

for (const [name, breakIt, message] of broken) {
  test(`refused: ${name}; nothing is written`, async () => {
    breakIt();
    await assert.rejects(make, (error) => error instanceof StartProblem && message.test(describeProblem(error)));
    assert.ok(!existsSync(out));
  });
}
