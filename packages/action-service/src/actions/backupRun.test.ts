import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeScratchPostgres } from '../../../agent/src/test/scratchPostgres.ts';
import { startBackupProgram, type BackupProgram } from '../../../agent/src/test/startBackupProgram.ts';
import { connectBackup, type BackupConnector } from '../connectors/backupProgram.ts';
import { actionUnderTest } from '../test/actionUnderTest.ts';
import { ActionRefused } from './action.ts';
import { backupRun } from './backupRun.ts';

const postgres = await makeScratchPostgres();
await postgres.sql(
  "CREATE TABLE farmer (name text); INSERT INTO farmer VALUES ('Aminata'); ALTER TABLE farmer OWNER TO odoo"
);
let program: BackupProgram;
let backup: BackupConnector;
afterEach(async () => {
  await backup.close();
  await program.stop();
});
after(() => postgres.remove());

async function start(passFile = postgres.passFile) {
  program = await startBackupProgram(postgres, passFile);
  backup = connectBackup(program.socket);
  return actionUnderTest(backupRun, { connectors: { backup } });
}

test('a backup is made by the real pg_dump, and the last success has advanced', async () => {
  const action = await start();
  const { draft } = await action.preview();
  assert.match(draft.summary, /the last good one is of 20\d\d-/);
  await sleep(1000);
  const effect = await action.perform();
  assert.equal(effect.state, 'confirmed', effect.detail);
  assert.match(action.told.join('\n'), /it succeeded, after \d+\.\d s/);
  assert.equal(program.dumps().length, 2);
});

test('one at a time: while one is made the preview says so, and a run is refused', async () => {
  const action = await start();
  const { parameters, draft } = await action.preview();
  const release = await postgres.lock('farmer');
  await backup.run();
  assert.match((await action.failing()).join(), /No backup is being made: One is, since/);
  await assert.rejects(action.runDraft(parameters, draft), ActionRefused);
  const during = await backupRun.effect(action.context, { parameters, snapshot: draft.snapshot });
  assert.equal(during.state, 'pending');
  await release();
});

test('one that fails is not confirmed, with the reason', async () => {
  const action = await start(postgres.wrongPassFile);
  const effect = await action.perform();
  assert.equal(effect.state, 'not_confirmed');
  assert.match(effect.detail, /no new one: pg_dump failed; there is no good one/);
});

test('a program that is gone is said to be so', async () => {
  const action = await start();
  await program.stop();
  await assert.rejects(action.preview(), /The backup program does not answer/);
  assert.match(backupRun.lacking({ ...action.context.connectors, backup: null }) ?? '', /BACKUP_SOCKET/);
});
