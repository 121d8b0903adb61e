import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPassword, hashPassword } from './passwordHash.ts';

test('a password is known again, however its accents are written, and no other is', async () => {
  const stored = await hashPassword('Schl\u00fcssel-am-Haken');
  assert.equal(await checkPassword('Schl\u00fcssel-am-Haken', stored), true);
  assert.equal(await checkPassword('Schlu\u0308ssel-am-Haken', stored), true);
  assert.equal(await checkPassword('Schl\u00fcssel-am-haken', stored), false);
  assert.equal(await checkPassword('', stored), false);
});

test('nobody has no password, and it takes as long to say so', async () => {
  const stored = await hashPassword('correct horse battery');
  const took = async (hash: string | null) => {
    const began = performance.now();
    assert.equal(await checkPassword('wrong', hash), false);
    return performance.now() - began;
  };
  await took(stored);
  const [known, unknown] = [await took(stored), await took(null)];
  assert.ok(unknown > known / 3, `${unknown.toFixed(0)} ms for nobody, ${known.toFixed(0)} ms for somebody`);
});

test('a stored form that is not known is an error, never a login', async () => {
  for (const stored of ['', 'plain', 'scrypt$1$1$1$x$y']) {
    await assert.rejects(checkPassword('x', stored), /form that this version does not know/);
  }
});
