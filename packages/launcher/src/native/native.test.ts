import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, before, test } from 'node:test';
import { portOffsets } from '../../bin/flags.mjs';
import { describeProblem } from '../problem.ts';
import { Progress } from '../progress.ts';
import { makeDataFolders } from './dataFolders.ts';
import { lockData } from './lock.ts';
import { choosePorts } from './ports.ts';
import { keepSecrets } from './secrets.ts';
import { startParts, type Part } from './startParts.ts';

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'dfr-ops-native-'));
});
after(() => rmSync(folder, { recursive: true }));

test('a taken port is told with its number, its part and a remedy', async () => {
  const ports = await choosePorts('auto');
  const base = ports.host;
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(base + portOffsets.prometheus, '127.0.0.1', () => resolve()));
  const problem = await choosePorts(base).then(
    () => null,
    (error: unknown) => describeProblem(error)
  );
  holder.close();
  assert.match(problem ?? '', new RegExp(`ports: port ${base + 2} \\(prometheus\\) on 127.0.0.1 is taken`));
  assert.match(problem ?? '', /--port-base/);
});

test('auto finds different ports for every server', async () => {
  const ports = Object.values(await choosePorts('auto'));
  assert.equal(new Set(ports).size, ports.length);
});

test('a second launcher on the same data is refused; a dead one leaves no obstacle', () => {
  const lock = lockData(folder);
  assert.throws(() => lockData(folder), new RegExp(`another launcher \\(process ${process.pid}\\) is running`));
  lock.release();
  writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: process.pid, startTime: 1 }));
  lockData(folder).release();
});

test('a data folder that cannot be made is told with cause and remedy', () => {
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  const problem = (path: string) => {
    try {
      makeDataFolders(path);
      return '';
    } catch (error) {
      return describeProblem(error);
    }
  };
  assert.match(problem(join(file, 'below')), /data folder: .* is below something that is not a folder[^]*--data DIR/);
  assert.match(problem(join(folder, 'x'.repeat(90))), /too long for a unix socket/);
  assert.match(problem(join(folder, 'with space')), /has a space/);
});

test('secrets are made once, are private, and stay', () => {
  const folders = makeDataFolders(join(folder, 'data'));
  const first = keepSecrets(folders.secrets).read('host');
  assert.ok(first.length >= 32);
  assert.equal(keepSecrets(folders.secrets).read('host'), first);
  assert.equal(statSync(join(folders.secrets, 'host')).mode & 0o777, 0o600);
  assert.equal(statSync(folders.secrets).mode & 0o777, 0o700);
  assert.equal(readFileSync(join(folders.secrets, 'host'), 'utf8'), first);
});

/** A stream that keeps what is written, as a pipe would. */
function quietProgress(): { progress: Progress; text: () => string } {
  let text = '';
  const stream = new Writable({
    write: (part: Buffer, _encoding, done) => {
      text += part.toString();
      done();
    },
  });
  return { progress: new Progress(stream as unknown as NodeJS.WriteStream), text: () => text };
}

test('parts start after what they need, and in parallel where they may', async () => {
  const order: string[] = [];
  const part = (title: string, needs: string[]): Part => ({
    title,
    needs,
    start: async () => {
      order.push(`+${title}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      order.push(`-${title}`);
    },
  });
  const { progress, text } = quietProgress();
  await startParts([part('c', ['a', 'b']), part('a', []), part('b', [])], progress);
  assert.deepEqual(order.slice(0, 2), ['+a', '+b']);
  assert.deepEqual(order.slice(-2), ['+c', '-c']);
  assert.equal(text().trim().split('\n').length, 3);
});

test('when a part fails, what needs it is not started, and its failure is the one that is told', async () => {
  const started: string[] = [];
  const { progress, text } = quietProgress();
  const parts: Part[] = [
    { title: 'broken', needs: [], start: () => Promise.reject(new Error('boom')) },
    { title: 'above', needs: ['broken'], start: async () => void started.push('above') },
  ];
  await assert.rejects(startParts(parts, progress), /boom/);
  assert.deepEqual(started, []);
  assert.match(text(), /✗ broken +failed/);
});
