import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { composePasswordFile } from './passwordFile.ts';

const root = mkdtempSync(join(tmpdir(), 'dfr-ops-console-'));
after(() => rmSync(root, { recursive: true }));

test('the console of compose is found where it was prepared, and said to be missing before', () => {
  assert.throws(
    () => composePasswordFile(root),
    /there is no console here: .*\.dfr-ops\/compose\/data\/console is missing/
  );
  mkdirSync(join(root, '.dfr-ops/compose/data/console'), { recursive: true });
  assert.equal(composePasswordFile(root), join(root, '.dfr-ops/compose/data/console/console-passwords.json'));
  writeFileSync(join(root, '.env'), `DFR_OPS_DIR=${join(root, 'elsewhere')}\n`);
  mkdirSync(join(root, 'elsewhere/data/console'), { recursive: true });
  assert.equal(composePasswordFile(root), join(root, 'elsewhere/data/console/console-passwords.json'));
});
