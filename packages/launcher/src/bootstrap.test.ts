import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { packagesState, writeStamp } from '../bin/bootstrap.mjs';
import { parseStartFlags, startFlags, startHelp } from '../bin/flags.mjs';
import { chooseMode, type ModeFacts } from './mode.ts';
import { readStartOptions } from './options.ts';

const startFile = new URL('../bin/start.mjs', import.meta.url).pathname;
const runFile = new URL('../bin/run.mjs', import.meta.url).pathname;
let root = '';
before(() => {
  root = mkdtempSync(join(tmpdir(), 'dfr-ops-bootstrap-'));
  writeFileSync(
    join(root, 'package-lock.json'),
    JSON.stringify({ packages: { '': {}, 'node_modules/a': { version: '1.0.0' } } })
  );
});
after(() => rmSync(root, { recursive: true }));

test('packages are fresh with our stamp, or when npm put there what the lock file says', () => {
  assert.deepEqual(packagesState(root), { fresh: false, why: 'node_modules is missing' });
  mkdirSync(join(root, 'node_modules'));
  const record = join(root, 'node_modules/.package-lock.json');
  writeFileSync(record, JSON.stringify({ packages: { 'node_modules/a': { version: '0.9.0' } } }));
  assert.deepEqual(packagesState(root), { fresh: false, why: 'a is not at 1.0.0' });
  writeFileSync(record, JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }));
  assert.equal(packagesState(root).fresh, true);
  writeStamp(root);
  assert.equal(packagesState(root).fresh, true);
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: {}, changed: true }));
  assert.deepEqual(packagesState(root), { fresh: false, why: 'package-lock.json has changed since the last install' });
});

test('--help documents every flag and ends with 0', () => {
  const { status, stdout } = spawnSync(process.execPath, [startFile, '--help'], { encoding: 'utf8' });
  assert.equal(status, 0);
  for (const { name } of startFlags) {
    assert.match(stdout, new RegExp(`--${name}\\b`));
  }
  assert.equal(stdout.trimEnd(), startHelp());
});

test('an unknown flag and a flag without its value start nothing', () => {
  const { status, stderr } = spawnSync(process.execPath, [startFile, '--prot-base', '1'], { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /Unknown argument --prot-base/);
  assert.match(parseStartFlags(['--data']).error ?? '', /--data needs a value/);
  assert.match(parseStartFlags(['--exit=1']).error ?? '', /takes no value/);
});

test('options are read from both ways of writing, and wrong values are refused', () => {
  const options = readStartOptions(['--port-base=auto', '--data', '/srv/x', '--no-install', '--exit']);
  assert.deepEqual(options, {
    mode: null,
    dataDir: '/srv/x',
    portBase: 'auto',
    mayInstall: false,
    build: true,
    drill: true,
    exitAfterDrill: true,
  });
  assert.throws(() => readStartOptions(['--port-base', '80']), /1024 to 65500/);
  assert.throws(() => readStartOptions(['--mode', 'podman']), /native or compose/);
});

const bare: ModeFacts = {
  platform: 'linux',
  missingPackages: ['nginx'],
  debian: true,
  mayInstall: true,
  root: true,
  docker: false,
};

test('native where packages are at hand, else compose, and the reason is told', () => {
  assert.deepEqual(chooseMode({ ...bare, missingPackages: [] }, null), {
    mode: 'native',
    why: 'every server is installed on this system',
  });
  assert.equal(chooseMode(bare, null).mode, 'native');
  const compose = chooseMode({ ...bare, root: false, docker: true }, null);
  assert.equal(compose.mode, 'compose');
  assert.match(compose.why, /only root may install/);
  assert.equal(chooseMode({ ...bare, docker: true }, 'compose').mode, 'compose');
  assert.throws(
    () => chooseMode({ ...bare, mayInstall: false }, null),
    /missing for native mode: nginx, and --no-install forbids/
  );
  assert.throws(() => chooseMode({ ...bare, platform: 'darwin' }, null), /native mode needs Linux/);
});

test('the drills are listed without a running stack, and an unknown one is refused by name', () => {
  const listed = spawnSync(process.execPath, [runFile, 'drill', '--list'], { encoding: 'utf8' });
  assert.equal(listed.status, 0);
  assert.deepEqual(
    listed.stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[0]),
    ['postgres-connections', 'odoo-down', 'nginx-502', 'signals']
  );
  const unknown = spawnSync(process.execPath, [runFile, 'drill', 'fire'], { encoding: 'utf8' });
  assert.equal(unknown.status, 1);
  assert.match(unknown.stderr, /there is no drill fire/);
  const stopped = spawnSync(process.execPath, [runFile, 'drill', 'odoo-down', '--data', root], { encoding: 'utf8' });
  assert.match(stopped.stderr, /no stack is running on/);
});
