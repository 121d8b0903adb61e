import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { askAs } from '../../../agent/src/test/asPeer.ts';
import { startNginxUnderTest, type NginxUnderTest } from '../test/nginxUnderTest.ts';
import { waitUntil } from '../test/startServer.ts';
import { ActionRefused } from './action.ts';
import { nginxRotateLogs } from './nginxRotateLogs.ts';

let nginx: NginxUnderTest;
before(async () => {
  nginx = await startNginxUnderTest();
  await nginx.connector.start();
  await askAs('203.0.113.7', nginx.url);
});
after(() => nginx.stop());

test('logs are put aside and new ones written; there is nothing to do while they are empty', async () => {
  const action = nginx.use(nginxRotateLogs);
  assert.match((await action.preview()).draft.summary, /error\.log \(\d\.\d MB\), access\.log/);
  const effect = await action.perform();
  assert.match(effect.detail, /nginx writes new ones: error\.log, access\.log/);
  assert.ok(existsSync(`${nginx.files.accessLog}.1`));
  await askAs('203.0.113.7', nginx.url);
  await waitUntil(async () => (await nginx.connector.status()).logs?.some(({ bytes }) => bytes > 0), 'a line');
});

test('nginx that does not run writes no new ones: refused', async () => {
  const action = nginx.use(nginxRotateLogs);
  const { parameters, draft } = await action.preview();
  process.kill((await nginx.connector.status()).pid!, 'SIGTERM');
  await waitUntil(async () => !(await nginx.connector.status()).running, 'its end');
  assert.match((await action.failing()).join(), /nginx runs: It does not run/);
  await assert.rejects(action.runDraft(parameters, draft), ActionRefused);
  assert.equal(
    (await nginxRotateLogs.effect(action.context, { parameters, snapshot: draft.snapshot })).state,
    'pending'
  );
});
