import assert from 'node:assert/strict';
import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { SigningKeys } from './signingKeys.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dfr-keys-'));
});
after(() => rm(folder, { recursive: true }));

test('one key a month, the older ones stay published, and a restart keeps them', async () => {
  let now = Date.parse('2025-11-30T23:59:00Z');
  const keys = await SigningKeys.open(folder, () => now);
  assert.equal((await keys.current()).kid, 'id-2025-11-es256');
  now = Date.parse('2025-12-01T00:00:00Z');
  assert.equal((await keys.current()).kid, 'id-2025-12-es256');
  const published = keys.jwks();
  assert.deepEqual(
    published.keys.map(({ kid }) => kid),
    ['id-2025-11-es256', 'id-2025-12-es256']
  );
  const again = await SigningKeys.open(folder, () => now);
  assert.deepEqual(new Set(again.jwks().keys.map(({ x }) => x)), new Set(published.keys.map(({ x }) => x)));
});

test('private halves are neither published nor readable by others', async () => {
  const keys = await SigningKeys.open(folder, () => Date.parse('2025-12-02T00:00:00Z'));
  assert.ok(keys.jwks().keys.every((key) => !('d' in key)));
  const { mode } = await stat(path.join(folder, 'signing-keys', 'id-2025-12-es256.json'));
  assert.equal(mode & 0o777, 0o600);
});

test('a key that could not be written is tried again, and nothing half written stays', async () => {
  const data = path.join(folder, 'turn');
  let now = Date.parse('2025-11-30T23:59:00Z');
  const keys = await SigningKeys.open(data, () => now);
  const kept = path.join(data, 'signing-keys');
  await rename(kept, `${kept}-away`);
  now = Date.parse('2025-12-01T00:00:00Z');
  await assert.rejects(keys.current(), /ENOENT/);
  await rename(`${kept}-away`, kept);
  assert.equal((await keys.current()).kid, 'id-2025-12-es256');
  assert.deepEqual(await readdir(kept), ['id-2025-11-es256.json', 'id-2025-12-es256.json']);
});
