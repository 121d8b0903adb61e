import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { whyBuild, type BuildTarget } from './buildBundle.ts';

let root = '';
let target: BuildTarget;
before(() => {
  root = mkdtempSync(join(tmpdir(), 'dfr-ops-bundle-'));
  mkdirSync(join(root, 'src/deep/node_modules'), { recursive: true });
  target = {
    name: 'bundle',
    npmArgs: [],
    product: join(root, 'module.js'),
    sources: [join(root, 'src'), join(root, 'absent')],
  };
});
after(() => rmSync(root, { recursive: true }));

const write = (path: string, seconds: number) => {
  writeFileSync(join(root, path), '');
  utimesSync(join(root, path), seconds, seconds);
};

test('builds what is missing or older than a source, and nothing else', () => {
  assert.equal(whyBuild(target), 'not built yet');
  write('src/deep/a.ts', 1000);
  write('module.js', 2000);
  assert.equal(whyBuild(target), null);
  write('src/deep/node_modules/b.ts', 3000);
  assert.equal(whyBuild(target), null);
  write('src/deep/a.ts', 3000);
  assert.equal(whyBuild(target), 'its sources are newer');
});
