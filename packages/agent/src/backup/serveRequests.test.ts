import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { request } from 'node:http';
import { after, afterEach, test } from 'node:test';
import { BackupStarted, BackupState } from '@dfr-ops/contracts';
import { makeScratchPostgres, until } from '../test/scratchPostgres.ts';
import { startBackupProgram, type BackupProgram } from '../test/startBackupProgram.ts';

const postgres = await makeScratchPostgres();
await postgres.sql('CREATE TABLE farmer (name text); ALTER TABLE farmer OWNER TO odoo');
let program: BackupProgram;
afterEach(() => program.stop());
after(() => postgres.remove());

function ask(method: string, path: string, body = ''): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: program.socket, method, path, agent: false }, async (answer) => {
      resolve({ status: answer.statusCode ?? 0, body: JSON.parse((await answer.toArray()).join('')) });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
const state = async () => BackupState.parse((await ask('GET', '/v1/status')).body);
const ended = () => until(async () => (await state()).runningSince === null, 'it has ended');

test('a backup that is asked for is made, one at a time; only its owner may open the socket', async () => {
  program = await startBackupProgram(postgres, postgres.passFile);
  assert.equal(statSync(program.socket).mode & 0o777, 0o600);
  assert.equal((await state()).last?.status, 0);
  const release = await postgres.lock('farmer');
  const first = await ask('POST', '/v1/run', '{"script": "/bin/rm"}');
  assert.deepEqual([first.status, BackupStarted.parse(first.body).started], [202, true]);
  const second = await ask('POST', '/v1/run');
  assert.deepEqual([second.status, BackupStarted.parse(second.body).started], [409, false]);
  assert.ok((await state()).runningSince);
  await release();
  await ended();
  assert.deepEqual([(await state()).last?.status, program.dumps().length], [0, 2]);
  assert.equal((await ask('POST', '/v1/exec')).status, 404);
});

test('one that fails says so, and the last success stays', async () => {
  program = await startBackupProgram(postgres, postgres.wrongPassFile);
  const before = await state();
  assert.deepEqual([before.last?.status, before.last?.lastSuccess], [1, 0]);
  assert.equal((await ask('POST', '/v1/run')).status, 202);
  await ended();
  assert.deepEqual([(await state()).last?.status, (await state()).last?.lastSuccess, program.dumps()], [1, 0, []]);
});
