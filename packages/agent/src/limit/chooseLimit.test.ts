import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import { askAs } from '../test/asPeer.ts';
import { makeScratchNginx, readText, type ScratchNginx } from '../test/scratchNginx.ts';
import { createVerbs, type Verbs } from '../verbs.ts';

let nginx: ScratchNginx;
let verbs: Verbs;
let include: string;
beforeEach(async () => {
  nginx = await makeScratchNginx();
  include = nginx.files.limits!.include;
  verbs = createVerbs(nginx.files);
  assert.equal((await verbs.run('start', {})).ok, true);
});
afterEach(() => nginx.remove());

async function flood(peer: string): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < 20; i++) {
    statuses.push((await askAs(peer, nginx.url)).status);
  }
  return statuses;
}

test('a flood is held back by the chosen limit, other addresses are not; off lets everything through again', async () => {
  assert.deepEqual(new Set(await flood('203.0.113.7')), new Set([200]));
  const limited = await verbs.run('rate-limit', { limit: 'strict' });
  assert.equal(limited.ok, true, limited.output);
  assert.deepEqual(limited.limit, { choices: ['off', 'strict'], active: 'strict' });
  const statuses = await flood('203.0.113.7');
  assert.ok(statuses.filter((status) => status === 429).length >= 14, `${statuses}`);
  assert.equal((await askAs('203.0.113.8', nginx.url)).status, 200);
  assert.equal((await verbs.run('rate-limit', { limit: 'off' })).limit?.active, 'off');
  assert.deepEqual(new Set(await flood('203.0.113.7')), new Set([200]));
});

test('refused: a name that was not prepared, a limit that nginx does not take; the old one holds', async () => {
  writeFileSync(`${nginx.files.limits!.folder}/broken.conf`, 'limit_req zone=nowhere;\n');
  await verbs.run('rate-limit', { limit: 'strict' });
  const before = readText(include);
  assert.match(
    (await verbs.run('rate-limit', { limit: 'nothing' })).output,
    /no limit nothing\. Prepared: broken, off, strict/
  );
  const refused = await verbs.run('rate-limit', { limit: 'broken' });
  assert.deepEqual([refused.ok, refused.limit?.active], [false, 'strict']);
  assert.match(refused.output, /zero size shared memory zone "nowhere"[^]*put back/);
  assert.equal(readText(include), before);
  assert.ok((await flood('203.0.113.7')).includes(429));
});
