import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartProblem } from '../problem.ts';
import { identityOf, isAlive, type ProcessIdentity } from './identity.ts';
import { ManagedProcess, type ProcessSpec } from './managedProcess.ts';

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'dfr-ops-process-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function shell(name: string, script: string, more: Partial<ProcessSpec> = {}): ManagedProcess {
  return new ManagedProcess(
    { name, command: 'sh', args: ['-c', script], logFile: join(folder, `${name}.log`), restart: 'none', ...more },
    null
  );
}

async function until(condition: () => boolean, seconds = 5): Promise<boolean> {
  for (let waited = 0; waited < seconds * 1000 && !condition(); waited += 30) {
    await sleep(30);
  }
  return condition();
}

test('keeps the output in the log and tells an expected end from an unexpected one', async () => {
  const child = shell('talker', 'echo hello; exec sleep 60');
  child.start();
  await until(() => readFileSync(child.spec.logFile, 'utf8').includes('hello'));
  assert.equal(child.running, true);
  const exited = child.exited();
  await child.stop();
  assert.deepEqual(await exited, { code: null, signal: 'SIGTERM', expected: true });
  assert.equal(child.running, false);

  child.start();
  const second = child.exited();
  child.signal('SIGKILL');
  assert.equal((await second).expected, false);
});

test('kills what does not heed TERM within its grace', async () => {
  const child = shell('stubborn', 'trap "" TERM; echo ready; while :; do sleep 0.1; done');
  child.start();
  await until(() => readFileSync(child.spec.logFile, 'utf8').includes('ready'));
  const exited = child.exited();
  await child.stop(0.3);
  assert.equal((await exited).signal, 'SIGKILL');
});

test('a process that dies while starting is told with its last log lines and a remedy', async () => {
  const child = shell('dying', 'echo "bind: Address already in use" >&2; exit 3');
  writeFileSync(child.spec.logFile, 'of an earlier process\n');
  child.start();
  await assert.rejects(
    child.waitUntil(async () => false, 5),
    (error: unknown) => {
      assert.ok(error instanceof StartProblem);
      assert.equal(error.part, 'dying');
      assert.match(error.message, /ended with code 3/);
      assert.deepEqual(error.logLines, ['bind: Address already in use']);
      assert.match(error.remedy, /--port-base/);
      return true;
    }
  );
});

test('a process that never becomes ready is told as that', async () => {
  const child = shell('slow', 'exec sleep 60');
  child.start();
  await assert.rejects(
    child.waitUntil(async () => false, 0.2),
    /did not become ready within 0.2 s/
  );
  await child.stop();
});

test('kill -9 of the parent ends its children: those tied to it, and those that only the reaper knows', async () => {
  const parent = spawn(process.execPath, [new URL('./testParent.ts', import.meta.url).pathname, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const told = await new Promise<string>((resolve) =>
    parent.stdout.once('data', (data: Buffer) => resolve(data.toString()))
  );
  const { tied, loose } = JSON.parse(told) as { tied: ProcessIdentity; loose: ProcessIdentity };
  assert.ok(isAlive(tied) && isAlive(loose));
  parent.kill('SIGKILL');
  assert.ok(await until(() => !isAlive(tied) && !isAlive(loose)), 'a child outlived its parent');
});

test('an identity is not mistaken for a later process with the same number', () => {
  const mine = identityOf(process.pid);
  assert.ok(mine && isAlive(mine));
  assert.equal(isAlive({ pid: mine.pid, startTime: mine.startTime - 1 }), false);
});
