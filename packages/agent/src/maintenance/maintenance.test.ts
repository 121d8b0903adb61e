import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import { askAs } from '../test/asPeer.ts';
import { makeScratchNginx, readText, type ScratchNginx } from '../test/scratchNginx.ts';
import { createVerbs, type Verbs } from '../verbs.ts';

let nginx: ScratchNginx;
let verbs: Verbs;
let flag: string;
beforeEach(async () => {
  nginx = await makeScratchNginx();
  flag = nginx.files.maintenanceFlag!;
  verbs = createVerbs(nginx.files);
  assert.equal((await verbs.run('start', {})).ok, true);
});
afterEach(() => nginx.remove());

const ask = (path: string) => askAs('203.0.113.7', `${nginx.url}${path}`);

test('on: 503 with Retry-After, the health check goes through, no worker is replaced; off: all is as before', async () => {
  const before = await verbs.run('status', {});
  assert.deepEqual(before.maintenance, { on: false, until: null });
  const on = await verbs.run('maintenance-on', { seconds: 600 });
  assert.equal(on.ok, true, on.output);
  assert.ok(Math.abs(Date.parse(on.maintenance!.until!) - Date.now() - 600_000) < 5000);
  assert.deepEqual(await ask('/web'), { status: 503, retryAfter: '300' });
  assert.equal((await ask('/web/health')).status, 200);
  assert.equal(on.workersSince, before.workersSince);
  const off = await verbs.run('maintenance-off', {});
  assert.deepEqual([off.ok, off.maintenance?.on, (await ask('/web')).status], [true, false, 200]);
  assert.equal((await verbs.run('maintenance-off', {})).ok, true);
});

test('it ends by itself, also for an agent that was started since; one by hand stays until it is taken off', async () => {
  await verbs.run('maintenance-on', { seconds: 600 });
  assert.deepEqual(await verbs.endDue(), []);
  writeFileSync(flag, '2020-01-01T00:00:00.000Z\n');
  assert.deepEqual(await createVerbs(nginx.files).endDue(), ['The maintenance page ended by itself.']);
  assert.deepEqual([existsSync(flag), (await ask('/web')).status], [false, 200]);
  writeFileSync(flag, '');
  assert.deepEqual(await verbs.endDue(), []);
  assert.deepEqual((await verbs.run('status', {})).maintenance, { on: true, until: null });
  assert.equal((await verbs.run('maintenance-off', {})).maintenance?.on, false);
});

test('a folder that takes no file: it says so and nothing is on', async () => {
  writeFileSync(
    nginx.files.conf,
    readText(nginx.files.conf).replaceAll(flag, `${nginx.folder}/nowhere/maintenance.on`)
  );
  const gone = createVerbs({ ...nginx.files, maintenanceFlag: `${nginx.folder}/nowhere/maintenance.on` });
  const refused = await gone.run('maintenance-on', { seconds: 600 });
  assert.deepEqual([refused.ok, refused.maintenance?.on], [false, false]);
  assert.match(refused.output, /ENOENT/);
  const untold = createVerbs({ ...nginx.files, maintenanceFlag: null });
  assert.match((await untold.run('maintenance-on', { seconds: 600 })).output, /was not told.*NGINX_MAINTENANCE_FLAG/);
  assert.equal((await untold.run('status', {})).maintenance, undefined);
});

test('a flag that nginx does not look at is no maintenance page', async () => {
  const other = createVerbs({ ...nginx.files, maintenanceFlag: `${nginx.folder}/other.on` });
  const refused = await other.run('maintenance-on', { seconds: 600 });
  assert.deepEqual([refused.ok, existsSync(`${nginx.folder}/other.on`)], [false, false]);
  assert.match(refused.output, /does not look for .*other\.on/);
});
