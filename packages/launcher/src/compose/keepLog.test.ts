import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { repoRoot } from '../native/context.ts';

const folder = mkdtempSync(join(tmpdir(), 'dfr-keeplog-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const script = join(repoRoot, 'docker/keepLog.sh');

/** The script with an input of ours; `shown` is what it printed so far. */
function keep(file: string, ...limits: string[]) {
  const child = spawn('bash', [script, file, ...limits], { stdio: ['pipe', 'ignore', 'pipe'] });
  after(() => child.stdin.end());
  let shown = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (shown += text));
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  return {
    write: (text: string) => new Promise<void>((done) => child.stdin.write(text, () => done())),
    shown: () => shown,
    end: () => {
      child.stdin.end();
      return ended;
    },
  };
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (isSo()) {
      return;
    }
    await pause(50);
  }
  assert.fail(`Waited 5 s in vain: ${what}.`);
}

test('what is read is shown and kept; an older file is begun anew', async () => {
  const file = join(folder, 'kept.log');
  writeFileSync(file, 'of the last start\n');
  const log = keep(file, '1000000', '0.1');
  await log.write('one\n');
  await log.write('two\n');
  await until('both are kept', () => readFileSync(file, 'utf8') === 'one\ntwo\n');
  assert.equal(await log.end(), 0);
  assert.equal(log.shown(), 'one\ntwo\n');
});

/** Until the script has made the file, it is empty. */
const sizeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

test('a file beyond its limit is emptied, and what comes next stands at its beginning', async () => {
  const file = join(folder, 'bounded.log');
  const log = keep(file, '5000', '0.1');
  const line = `${'x'.repeat(99)}\n`;
  for (let round = 0; round < 5; round++) {
    await log.write(line.repeat(60));
    await until(`round ${round} is shown`, () => log.shown().length === line.length * 60 * (round + 1));
    await until(`round ${round} is emptied`, () => sizeOf(file) <= 5000);
  }
  await log.write('the last\n');
  await until('it is kept', () => readFileSync(file, 'utf8').endsWith('the last\n'));
  // Without gaps: a program that kept its place would leave zeros.
  assert.ok(!readFileSync(file, 'utf8').includes('\0'));
  await log.end();
  assert.equal(log.shown(), line.repeat(300) + 'the last\n');
});
