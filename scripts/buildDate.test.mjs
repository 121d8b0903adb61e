import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { buildDate } from './buildDate.mjs';

const root = mkdtempSync(join(tmpdir(), 'dfr-build-date-'));
after(() => rmSync(root, { recursive: true }));

function git(args, environment = {}) {
  const done = spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  assert.equal(done.status, 0, done.stderr);
}

test('sources without git bear today, with git the date of the last commit in UTC', () => {
  const before = new Date().toISOString().slice(0, 10);
  const today = buildDate({ root, environment: {} });
  assert.ok([before, new Date().toISOString().slice(0, 10)].includes(today), today);

  git(['init', '-q']);
  git(['commit', '-q', '--allow-empty', '-m', 'one'], { GIT_COMMITTER_DATE: '2026-03-01T23:30:00-05:00' });
  assert.equal(buildDate({ root, environment: {} }), '2026-03-02');
});

test('SOURCE_DATE_EPOCH comes first, and is refused when it is no number of seconds', () => {
  assert.equal(buildDate({ root, environment: { SOURCE_DATE_EPOCH: '1700000000' } }), '2023-11-14');
  assert.throws(
    () => buildDate({ root, environment: { SOURCE_DATE_EPOCH: '2023-11-14' } }),
    /SOURCE_DATE_EPOCH is "2023-11-14"/
  );
});
