import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runApt } from './debianPackages.ts';

let folder = '';
let policy = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'dfr-ops-apt-'));
  policy = join(folder, 'policy-rc.d');
  // Stands in the PATH for apt-get: notes its arguments and what the policy says meanwhile.
  writeFileSync(
    join(folder, 'apt-get'),
    `#!/bin/sh\n${policy} nginx start; echo "$1 $? $*" >> ${folder}/calls\n[ -e ${folder}/fail ] && exit 100\nexit 0\n`
  );
  chmodSync(join(folder, 'apt-get'), 0o755);
});
after(() => rmSync(folder, { recursive: true }));

const install = () => runApt(['nginx', 'mtail'], policy, { ...process.env, PATH: `${folder}:${process.env['PATH']}` });

test('new services are forbidden to start for the length of the installation, and no longer', () => {
  assert.equal(install().status, 0);
  const calls = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
  assert.match(calls[0] ?? '', /^update 101 /);
  assert.match(calls[1] ?? '', /^install 101 .* nginx mtail$/);
  assert.equal(existsSync(policy), false);
});

test('a failing installation is told, and takes the policy away too', () => {
  writeFileSync(join(folder, 'fail'), '');
  assert.equal(install().status, 100);
  assert.equal(existsSync(policy), false);
});

test('a policy that was there is not ours to take away', () => {
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  install();
  assert.equal(readFileSync(policy, 'utf8'), '#!/bin/sh\nexit 101\n');
});
