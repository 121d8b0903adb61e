import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CompatProblem, unpackRelease } from './compatReleases.mjs';

const root = mkdtempSync(join(tmpdir(), 'dfr-compat-'));
after(() => rmSync(root, { recursive: true }));

mkdirSync(join(root, 'package'));
writeFileSync(join(root, 'package/index.d.ts'), 'export const one: 1;\n');
const packed = join(root, 'thing.tgz');
assert.equal(spawnSync('tar', ['-czf', packed, '-C', root, 'package']).status, 0);
const hash = `sha512-${createHash('sha512').update(readFileSync(packed)).digest('base64')}`;

let fetched = [];
const fetchPackage = (name, folder) => {
  fetched.push(name);
  const archive = join(folder, 'thing.tgz');
  copyFileSync(packed, archive);
  return archive;
};

test('a release is unpacked once, and again when its pins change', () => {
  const folder = join(root, '1.0.0');
  unpackRelease({ '@scope/thing@1.0.0': hash }, folder, fetchPackage);
  unpackRelease({ '@scope/thing@1.0.0': hash }, folder, fetchPackage);
  assert.equal(readFileSync(join(folder, 'node_modules/@scope/thing/index.d.ts'), 'utf8'), 'export const one: 1;\n');
  assert.deepEqual(fetched, ['@scope/thing@1.0.0']);

  unpackRelease({ '@scope/thing@1.0.1': hash }, folder, fetchPackage);
  assert.deepEqual(fetched, ['@scope/thing@1.0.0', '@scope/thing@1.0.1']);
});

test('a package that is not what is pinned is refused, and nothing of the release is left', () => {
  const folder = join(root, '2.0.0');
  const pins = { 'thing@2.0.0': `sha512-${'A'.repeat(86)}==` };
  assert.throws(
    () => unpackRelease(pins, folder, fetchPackage),
    (error) =>
      error instanceof CompatProblem && /thing@2\.0\.0 is not what compat\/releases\.json pins/.test(error.message)
  );
  assert.ok(!existsSync(folder));
});
