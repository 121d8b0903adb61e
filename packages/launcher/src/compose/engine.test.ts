import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { repoRoot } from '../native/context.ts';
import { isOlder } from './engine.ts';

const folder = mkdtempSync(join(tmpdir(), 'dfr-engine-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** `npm start -- --mode compose` with a `docker` that says what the test wants. */
function start(docker: string) {
  writeFileSync(join(folder, 'docker'), `#!/bin/sh\n${docker}\n`);
  chmodSync(join(folder, 'docker'), 0o755);
  return spawnSync(process.execPath, [join(repoRoot, 'packages/launcher/src/main.ts'), '--mode', 'compose'], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, PATH: `${folder}:${process.env['PATH']}` },
  });
}

test('without an engine it says so once: part, cause, what to do; and makes nothing', () => {
  const { status, stderr } = start(
    'echo "Cannot connect to the Docker daemon at unix:///x. Is it running?" >&2; exit 1'
  );
  assert.equal(status, 1);
  assert.match(
    stderr,
    /✗ Docker engine: none answers \(Cannot connect to the Docker daemon at unix:\/\/\/x\. Is it running\?\)\.\n/
  );
  assert.match(stderr, /Start it .*npm run compose -- --prepare.*--mode native/);
  assert.equal(stderr.trim().split('\n').length, 2);
});

test('an engine without compose, or with one that is too old, is told apart', () => {
  const without = start('[ "$1" = version ] && exit 0; echo "unknown command" >&2; exit 1');
  assert.match(without.stderr, /✗ Docker Compose: this `docker` has no `compose`\.\n/);
  const old = start('[ "$1" = version ] && exit 0; echo 2.17.3');
  assert.match(old.stderr, /✗ Docker Compose: version 2\.17\.3 is too old\.\n/);
  assert.equal(old.status, 1);
});

test('versions are compared as numbers', () => {
  assert.deepEqual(['1.29.2', '2.9.0', 'v2.19.1'].map(isOlder), [true, true, true]);
  assert.deepEqual(['2.20.0', 'v2.26.1-4', '2.100.0', '5.0.1'].map(isOlder), [false, false, false, false]);
});
