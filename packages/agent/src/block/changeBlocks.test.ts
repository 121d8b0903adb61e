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
  include = nginx.files.denyInclude!;
  verbs = createVerbs(nginx.files);
  assert.equal((await verbs.run('start', {})).ok, true);
});
afterEach(() => nginx.remove());

const statusFor = async (peer: string) => (await askAs(peer, nginx.url)).status;
/** As if the time of every block had come. */
const age = () => writeFileSync(include, readText(include).replaceAll(/until \S+/g, 'until 2020-01-01T00:00:00.000Z'));

test('a blocked address and a blocked network get 403, others do not; unblocked they are let in', async () => {
  const blocked = await verbs.run('block-ip', { address: '203.0.113.7', seconds: 300 });
  assert.equal(blocked.ok, true, blocked.output);
  assert.ok(Math.abs(Date.parse(blocked.blocked![0]!.until!) - Date.now() - 300_000) < 5000);
  await verbs.run('block-ip', { address: '2001:db8:1::/48', seconds: 300 });
  assert.deepEqual(
    await Promise.all(['203.0.113.7', '203.0.113.8', '2001:db8:1:2::3', '2001:db8:2::3'].map(statusFor)),
    [403, 200, 403, 200]
  );
  const twice = await verbs.run('block-ip', { address: '203.0.113.7', seconds: 600 });
  assert.deepEqual(
    twice.blocked?.map((one) => one.address),
    ['2001:db8:1::/48', '203.0.113.7']
  );
  const back = await verbs.run('unblock-ip', { address: '203.0.113.7' });
  assert.equal(back.ok, true, back.output);
  assert.equal(await statusFor('203.0.113.7'), 200);
  assert.equal(await statusFor('2001:db8:1:2::3'), 403);
});

test('it ends by itself when its time is over, also for an agent that was started since; a line by hand stays', async () => {
  writeFileSync(include, `${readText(include)}deny 198.51.100.9;\n`);
  await verbs.run('block-ip', { address: '203.0.113.7', seconds: 300 });
  assert.deepEqual(await verbs.endDue(), []);
  assert.equal(await statusFor('203.0.113.7'), 403);
  age();
  assert.deepEqual(await createVerbs(nginx.files).endDue(), ['203.0.113.7: let in again, the time is over.']);
  assert.deepEqual([await statusFor('203.0.113.7'), await statusFor('198.51.100.9')], [200, 403]);
  assert.deepEqual((await verbs.run('status', {})).blocked, [{ address: '198.51.100.9', until: null }]);
});

test('refused: private, loopback, too wide, never to be blocked, not blocked at all; nothing is touched', async () => {
  const before = readText(include);
  for (const address of ['10.0.0.1', '127.0.0.1', '203.0.0.0/8', '192.0.2.3', '::1']) {
    const refused = await verbs.run('block-ip', { address, seconds: 300 });
    assert.deepEqual([refused.ok, /Nothing was blocked/.test(refused.output)], [false, true], refused.output);
  }
  const possible = await verbs.run('check-ip', { address: '203.0.113.77/24' });
  assert.deepEqual([possible.ok, possible.network], [true, '203.0.113.0/24']);
  assert.equal((await verbs.run('check-ip', { address: '10.0.0.1' })).ok, false);
  assert.match((await verbs.run('unblock-ip', { address: '203.0.113.7' })).output, /is not blocked/);
  assert.equal(readText(include), before);
});

test('on a bad configuration the old file stays, and the end of a block is tried again', async () => {
  await verbs.run('block-ip', { address: '203.0.113.7', seconds: 300 });
  const before = readText(include);
  const conf = readText(nginx.files.conf);
  writeFileSync(nginx.files.conf, conf.replace('listen', 'lisssten'));
  const refused = await verbs.run('block-ip', { address: '203.0.113.8', seconds: 300 });
  assert.equal(refused.ok, false);
  assert.match(refused.output, /unknown directive "lisssten"[^]*previous include was put back/);
  assert.equal(readText(include), before);
  age();
  await assert.rejects(verbs.endDue(), /should be let in again, and nginx does not take it/);
  assert.equal(await statusFor('203.0.113.7'), 403);
  writeFileSync(nginx.files.conf, conf);
  await verbs.endDue();
  assert.equal(await statusFor('203.0.113.7'), 200);
});

test('an include that nginx does not read blocks nobody: refused', async () => {
  writeFileSync(`${include}.other`, '');
  const other = createVerbs({ ...nginx.files, denyInclude: `${include}.other` });
  const refused = await other.run('block-ip', { address: '203.0.113.7', seconds: 300 });
  assert.deepEqual([refused.ok, readText(`${include}.other`)], [false, '']);
  assert.match(refused.output, /does not include .*other/);
});
