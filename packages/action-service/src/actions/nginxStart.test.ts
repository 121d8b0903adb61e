import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import { readText } from '../../../agent/src/test/scratchNginx.ts';
import { startNginxUnderTest, type NginxUnderTest } from '../test/nginxUnderTest.ts';
import { waitUntil } from '../test/startServer.ts';
import { ActionRefused } from './action.ts';
import { nginxStart } from './nginxStart.ts';

let nginx: NginxUnderTest;
beforeEach(async () => {
  nginx = await startNginxUnderTest();
});
afterEach(() => nginx.stop());

const served = () => fetch(nginx.url, { headers: { connection: 'close' } }).then((answer) => answer.status);

test('nginx that was killed is started again, and the effect is seen', async () => {
  assert.equal((await nginx.use(nginxStart).perform()).state, 'confirmed');
  const { pid } = await nginx.connector.status();
  process.kill(pid!, 'SIGKILL');
  await waitUntil(async () => !(await nginx.connector.status()).running, 'its end');
  const action = nginx.use(nginxStart);
  const { draft } = await action.preview();
  assert.match(draft.warnings.join(), /Workers of a killed master/);
  const effect = await action.perform();
  assert.match(effect.detail, /nginx runs as pid \d+/);
  assert.match(action.told.join('\n'), /Ended 1 worker\(s\)/);
  assert.equal(await served(), 200);
  assert.match((await action.failing()).join(), /nginx does not run: It runs as pid \d+: reload it instead/);
});

test('a faulty configuration is not started: the preview says why, and so does a run', async () => {
  const conf = readText(nginx.files.conf);
  const action = nginx.use(nginxStart);
  const { parameters, draft } = await action.preview();
  writeFileSync(nginx.files.conf, conf.replace('listen', 'lisssten'));
  assert.match((await action.failing()).join(), /nginx accepts the configuration.*unknown directive "lisssten"/);
  await assert.rejects(action.runDraft(parameters, draft), ActionRefused);
  const effect = await nginxStart.effect(action.context, { parameters, snapshot: draft.snapshot });
  assert.deepEqual(effect, { state: 'pending', detail: 'nginx does not run.' });
});

test('while the agent is gone nothing is said of nginx', async () => {
  const action = nginx.use(nginxStart);
  await nginx.killAgent();
  await assert.rejects(
    action.preview(),
    /The agent beside nginx does not answer at .*agent\.sock: nobody listens there/
  );
  assert.match(nginxStart.lacking({ ...action.context.connectors, nginxAgent: null }) ?? '', /was not told/);
});
