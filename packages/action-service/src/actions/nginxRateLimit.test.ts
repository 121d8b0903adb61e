import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { askAs } from '../../../agent/src/test/asPeer.ts';
import { readText } from '../../../agent/src/test/scratchNginx.ts';
import { startNginxUnderTest, type NginxUnderTest } from '../test/nginxUnderTest.ts';
import { ActionRefused } from './action.ts';
import { nginxRateLimit } from './nginxRateLimit.ts';

let nginx: NginxUnderTest;
before(async () => {
  nginx = await startNginxUnderTest();
  await nginx.connector.start();
});
after(() => nginx.stop());

/** How many of 20 requests in a row got through. */
async function through(peer: string): Promise<number> {
  let served = 0;
  for (let i = 0; i < 20; i++) {
    served += (await askAs(peer, nginx.url)).status === 200 ? 1 : 0;
  }
  return served;
}

test('a flood from one address is held back, and let through again by the former limit', async () => {
  assert.equal(await through('203.0.113.7'), 20);
  const action = nginx.use(nginxRateLimit);
  const [limit] = await nginxRateLimit.form(action.context);
  assert.deepEqual(limit?.choices, [{ value: 'strict', label: 'strict' }]);
  assert.equal((await action.perform({ limit: 'strict' })).state, 'confirmed');
  const { parameters, draft } = await nginx.use(nginxRateLimit).preview({ limit: 'off' });
  assert.deepEqual(nginxRateLimit.rollbackParameters?.({ parameters, snapshot: draft.snapshot }), { limit: 'strict' });
  const served = await through('203.0.113.7');
  assert.ok(served >= 3 && served <= 6, `${served} got through`);
  assert.equal((await askAs('203.0.113.8', nginx.url)).status, 200);
  assert.equal((await nginx.use(nginxRateLimit).perform({ limit: 'off' })).state, 'confirmed');
  assert.equal(await through('203.0.113.7'), 20);
});

test('refused: a limit that was not prepared, and any while the configuration is faulty; the old one holds', async () => {
  const action = nginx.use(nginxRateLimit);
  assert.match((await action.check({ limit: 'nothing' })).issues[0]?.message ?? '', /one of the choices/);
  const { parameters, draft } = await action.preview({ limit: 'strict' });
  const conf = readText(nginx.files.conf);
  writeFileSync(nginx.files.conf, conf.replace('listen', 'lisssten'));
  assert.match((await action.failing({ limit: 'strict' })).join(), /nginx accepts the configuration/);
  await assert.rejects(action.runDraft(parameters, draft), ActionRefused);
  writeFileSync(nginx.files.conf, conf);
  assert.equal(readText(nginx.files.limits!.include), readText(`${nginx.files.limits!.folder}/off.conf`));
  assert.equal(
    (await nginxRateLimit.effect(action.context, { parameters, snapshot: draft.snapshot })).state,
    'pending'
  );
});
