import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeScratchNginx } from '../test/scratchNginx.ts';
import { until } from '../test/scratchPostgres.ts';
import { readLogs, rotateAllLogs, rotateLogs } from './rotateLogs.ts';
import { start } from './start.ts';

const scratch = await makeScratchNginx();
after(() => scratch.remove());
const log = join(scratch.folder, 'access.log');
const ask = () => fetch(scratch.url, { headers: { connection: 'close' } }).then((answer) => answer.text());
const lines = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0);

test('a log beyond the limit is put aside, and Nginx writes a new one; no line is lost', async () => {
  assert.equal((await start(scratch.files)).ok, true);
  await Promise.all(Array.from({ length: 20 }, ask));
  await until(() => lines(log) === 20, 'they are written');
  assert.deepEqual(await rotateLogs(scratch.files, [log, scratch.files.errorLog], 100_000), []);
  assert.deepEqual(await rotateLogs(scratch.files, [log, join(scratch.folder, 'none.log')], 500), [log]);
  await until(() => existsSync(log), 'there is a new one');
  await ask();
  await until(() => lines(log) === 1, 'it is written to');
  assert.equal(lines(`${log}.1`), 20);
});

test('there is one former log, no more', async () => {
  await Promise.all(Array.from({ length: 20 }, ask));
  await until(() => lines(log) === 21, 'they are written');
  await rotateLogs(scratch.files, [log], 500);
  assert.equal(lines(`${log}.1`), 21);
  assert.equal(existsSync(`${log}.2`), false);
});

test('all logs are put aside on demand, whatever their size; refused while nobody would write new ones', async () => {
  await ask();
  await until(() => lines(log) > 0, 'it is written');
  const before = await readLogs(scratch.files);
  const rotated = await rotateAllLogs(scratch.files);
  assert.deepEqual(
    [rotated.ok, rotated.output],
    [true, 'error.log is error.log.1 now, access.log is access.log.1 now.']
  );
  await until(async () => (await readLogs(scratch.files)).length === 2, 'new ones are there');
  const after = await readLogs(scratch.files);
  assert.ok(after.every(({ inode }, i) => inode !== before[i]?.inode));
  process.kill(Number(readFileSync(scratch.files.pidFile, 'utf8')), 'SIGTERM');
  await until(() => !existsSync(scratch.files.pidFile), 'nginx has ended');
  const refused = await rotateAllLogs(scratch.files);
  assert.deepEqual([refused.ok, /Start it first/.test(refused.output)], [false, true]);
  assert.equal((await readLogs(scratch.files))[1]?.inode, after[1]?.inode);
});
