import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { askAs } from '../../../agent/src/test/asPeer.ts';
import { startNginxUnderTest, type NginxUnderTest } from '../test/nginxUnderTest.ts';
import { waitUntil } from '../test/startServer.ts';
import { nginxMaintenanceOff } from './nginxMaintenanceOff.ts';
import { nginxMaintenanceOn } from './nginxMaintenanceOn.ts';

let nginx: NginxUnderTest;
before(async () => {
  nginx = await startNginxUnderTest();
  await nginx.connector.start();
});
after(() => nginx.stop());

const ask = (path: string) => askAs('203.0.113.7', `${nginx.url}${path}`);

test('people get the page with Retry-After, the health check goes through; off lets them in', async () => {
  assert.match((await nginx.use(nginxMaintenanceOff).preview()).draft.refusal?.why ?? '', /is off/);
  const on = await nginx.use(nginxMaintenanceOn).perform({ minutes: 30 });
  assert.match(on.detail, /on until/);
  assert.deepEqual(await ask('/web'), { status: 503, retryAfter: '300' });
  assert.equal((await ask('/web/health')).status, 200);
  const longer = nginx.use(nginxMaintenanceOn);
  const { parameters, draft } = await longer.preview({ minutes: 60 });
  assert.match(draft.warnings.join(), /its end is set anew/);
  const notYet = await nginxMaintenanceOn.effect(longer.context, { parameters, snapshot: draft.snapshot });
  assert.equal(notYet.state, 'pending', 'the page that was on before is not the effect');
  assert.equal((await longer.perform({ minutes: 60 })).state, 'confirmed');
  assert.equal((await nginx.use(nginxMaintenanceOff).perform()).state, 'confirmed');
  assert.equal((await ask('/web')).status, 200);
});

test('it ends by itself', async () => {
  await nginx.use(nginxMaintenanceOn).perform({ minutes: 1 });
  writeFileSync(nginx.files.maintenanceFlag!, `${new Date(Date.now() + 300).toISOString()}\n`);
  assert.equal((await ask('/web')).status, 503);
  await waitUntil(async () => (await ask('/web')).status === 200, 'its end', 10);
});

test('more than four hours, or than the policy allows, is no form that is taken', async () => {
  const action = nginx.use(nginxMaintenanceOn);
  assert.match((await action.check({ minutes: 241 })).issues[0]?.message ?? '', /Must be 1 to 240 min/);
  assert.match(
    (await nginx.use(nginxMaintenanceOn, { maxMinutes: 60 }).check({ minutes: 61 })).issues[0]?.message ?? '',
    /1 to 60 min/
  );
  assert.throws(() => nginx.use(nginxMaintenanceOn, { maxMinutes: 241 }));
  await assert.rejects(nginx.connector.maintenanceOn(4 * 3600 + 1), /refused maintenance-on/);
});
