import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { askAs } from '../../../agent/src/test/asPeer.ts';
import { readText } from '../../../agent/src/test/scratchNginx.ts';
import { startNginxUnderTest, type NginxUnderTest } from '../test/nginxUnderTest.ts';
import { waitUntil } from '../test/startServer.ts';
import { ActionRefused } from './action.ts';
import { nginxBlockIp } from './nginxBlockIp.ts';
import { nginxUnblockIp } from './nginxUnblockIp.ts';

let nginx: NginxUnderTest;
before(async () => {
  nginx = await startNginxUnderTest();
  await nginx.connector.start();
});
after(() => nginx.stop());

const statusFor = async (peer: string) => (await askAs(peer, nginx.url)).status;

test('a blocked address gets 403, others do not, and it is let in again when asked', async () => {
  assert.equal(await statusFor('203.0.113.7'), 200);
  const effect = await nginx.use(nginxBlockIp).perform({ address: '203.0.113.7', minutes: 10 });
  assert.match(effect.detail, /203\.0\.113\.7 is blocked until/);
  assert.deepEqual([await statusFor('203.0.113.7'), await statusFor('203.0.113.8')], [403, 200]);
  const again = nginx.use(nginxBlockIp);
  assert.match((await again.preview({ address: '203.0.113.7' })).draft.warnings.join(), /already: its end is set anew/);
  assert.equal((await nginx.use(nginxUnblockIp).perform({ address: '203.0.113.7' })).state, 'confirmed');
  assert.equal(await statusFor('203.0.113.7'), 200);
  assert.match((await nginx.use(nginxUnblockIp).check({ address: '203.0.113.7' })).issues[0]?.message ?? '', /choices/);
});

test('a network is blocked as nginx reads it, and comes back by itself when its time is over', async () => {
  const { draft } = await nginx.use(nginxBlockIp).preview({ address: '198.51.100.77/24', minutes: 5 });
  assert.match(draft.summary, /198\.51\.100\.0\/24 with 403 for 5 min/);
  const back = nginxBlockIp.rollbackParameters?.({ parameters: {}, snapshot: draft.snapshot });
  assert.deepEqual(back, { address: '198.51.100.0/24' });
  await nginx.use(nginxBlockIp).perform({ address: '198.51.100.77/24', minutes: 5 });
  assert.equal(await statusFor('198.51.100.200'), 403);
  const include = nginx.files.denyInclude!;
  writeFileSync(include, readText(include).replace(/until \S+/, `until ${new Date(Date.now() + 200).toISOString()}`));
  await waitUntil(async () => (await statusFor('198.51.100.200')) === 200, 'the end of the block', 15);
});

test('a private, loopback, proxy or too wide one is refused before anything is asked for, as is too long a time', async () => {
  const action = nginx.use(nginxBlockIp);
  const refused = {
    '10.0.0.1': /is a private address/,
    '127.0.0.1': /is this machine/,
    '::1': /is this machine/,
    '203.0.0.0/8': /too wide/,
    '192.0.2.3': /never to be blocked/,
    'all; allow': /That is no address/,
  };
  for (const [address, why] of Object.entries(refused)) {
    assert.match((await action.failing({ address })).join(), why, address);
  }
  assert.match(
    (await action.check({ address: '203.0.113.7', minutes: 1441 })).issues[0]?.message ?? '',
    /5 to 1440 min/
  );
  assert.match((await action.check({ address: '203.0.113.7', minutes: 4 })).issues[0]?.message ?? '', /5 to 1440 min/);
  const { parameters, draft } = await action.preview({ address: '203.0.113.9' });
  const forged = { ...draft, snapshot: { ...(draft.snapshot as object), network: '10.0.0.1' } };
  await assert.rejects(action.runDraft(parameters, forged), ActionRefused);
  assert.equal(await statusFor('10.0.0.1'), 200);
});

test('a faulty configuration: nothing is blocked, and both preview and run say why', async () => {
  const action = nginx.use(nginxBlockIp);
  const { parameters, draft } = await action.preview({ address: '203.0.113.9' });
  const conf = readText(nginx.files.conf);
  writeFileSync(nginx.files.conf, conf.replace('listen', 'lisssten'));
  assert.match((await action.failing({ address: '203.0.113.9' })).join(), /unknown directive/);
  await assert.rejects(action.runDraft(parameters, draft), /unknown directive/);
  writeFileSync(nginx.files.conf, conf);
  assert.equal(await statusFor('203.0.113.9'), 200);
  assert.equal((await nginxBlockIp.effect(action.context, { parameters, snapshot: draft.snapshot })).state, 'pending');
});
