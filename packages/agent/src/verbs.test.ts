import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentAnswer, AgentVerb } from '@dfr-ops/contracts';
import { askThroughNginx, makeScratchNginx, readText, type ScratchNginx } from './test/scratchNginx.ts';
import { createVerbs } from './verbs.ts';

let nginx: ScratchNginx;
let run: (verb: AgentVerb, server?: string | null) => Promise<AgentAnswer>;

beforeEach(async () => {
  nginx = await makeScratchNginx();
  const verbs = createVerbs(nginx.files);
  run = (verb, server = null) => verbs.run(verb, { server } as never);
});
afterEach(() => nginx.remove());

test('start brings nginx up, status describes it, a second start changes nothing', async () => {
  const before = await run('status');
  assert.deepEqual([before.ok, before.running, before.pid, before.workersSince], [true, false, null, null]);
  const from = Date.now();
  const started = await run('start');
  assert.equal(started.ok, true, started.output);
  assert.equal(started.running, true);
  assert.ok(Math.abs(started.workersSince! - from) < 2000, `${started.workersSince} is not about ${from}`);
  assert.deepEqual(
    started.upstream,
    nginx.upstreams.map((server) => ({ server, down: false }))
  );
  assert.deepEqual(await askThroughNginx(nginx.url), ['one', 'two']);
  const again = await run('start');
  assert.match(again.output, /runs already/);
  assert.deepEqual([again.ok, again.pid, again.workersSince], [true, started.pid, started.workersSince]);
});

test('reload puts new workers in place under the same master', async () => {
  const started = await run('start');
  await sleep(20);
  const reloaded = await run('reload');
  assert.equal(reloaded.ok, true, reloaded.output);
  assert.equal(reloaded.pid, started.pid);
  assert.ok(reloaded.workersSince! > started.workersSince!);
});

test("a configuration broken by hand: test and reload say so in nginx's words, and the old one goes on serving", async () => {
  const started = await run('start');
  writeFileSync(nginx.files.conf, readText(nginx.files.conf).replace('listen', 'lisssten'));
  const tested = await run('test');
  assert.equal(tested.ok, false);
  assert.match(tested.output, /unknown directive "lisssten" in .*nginx\.conf:\d+/);
  const refused = await run('reload');
  assert.equal(refused.ok, false);
  assert.match(refused.output, /unknown directive "lisssten"/);
  assert.match(refused.output, /old configuration goes on serving/);
  assert.equal(refused.workersSince, started.workersSince);
  assert.deepEqual(await askThroughNginx(nginx.url), ['one', 'two']);
});

test('a configuration that passes the test but cannot be loaded is no success', async () => {
  const started = await run('start');
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const { port } = taken.address() as AddressInfo;
  writeFileSync(nginx.files.conf, readText(nginx.files.conf).replace('server {', `server { listen 127.0.0.1:${port};`));
  const refused = await run('reload');
  taken.close();
  assert.equal(refused.ok, false);
  assert.match(refused.output, /still could not bind/);
  assert.equal(refused.workersSince, started.workersSince);
});

test('drain takes a server out and keeps its parameters, undrain brings it back', async () => {
  await run('start');
  const [one, two] = nginx.upstreams;
  const before = readText(nginx.files.upstreamInclude);
  const mode = statSync(nginx.files.upstreamInclude).mode;
  const drained = await run('drain', one);
  assert.equal(drained.ok, true, drained.output);
  assert.deepEqual(drained.upstream, [
    { server: one, down: true },
    { server: two, down: false },
  ]);
  assert.deepEqual(await askThroughNginx(nginx.url), ['two']);
  assert.match(readText(nginx.files.upstreamInclude), /max_fails=0 down;/);
  assert.equal(readText(`${nginx.files.upstreamInclude}.previous`), before);
  assert.equal(statSync(nginx.files.upstreamInclude).mode, mode);
  const back = await run('undrain', one);
  assert.equal(back.ok, true, back.output);
  assert.equal(readText(nginx.files.upstreamInclude), before);
  assert.deepEqual(await askThroughNginx(nginx.url), ['one', 'two']);
});

test('undrain without a name mends an include in which somebody marked every server', async () => {
  const before = readText(nginx.files.upstreamInclude);
  writeFileSync(nginx.files.upstreamInclude, before.replaceAll(';', ' down;'));
  await run('start');
  assert.deepEqual(await askThroughNginx(nginx.url, 2), ['502']);
  const mended = await run('undrain', null);
  assert.equal(mended.ok, true, mended.output);
  assert.deepEqual(await askThroughNginx(nginx.url), ['one', 'two']);
});

test('drain of the last server, or of one that is not there, is refused and changes nothing', async () => {
  const started = await run('start');
  const [one, two] = nginx.upstreams;
  const drained = await run('drain', one);
  const text = readText(nginx.files.upstreamInclude);
  const last = await run('drain', two);
  assert.equal(last.ok, false);
  assert.match(last.output, /last server that is up/);
  const unknown = await run('drain', '127.0.0.1:1');
  assert.equal(unknown.ok, false);
  assert.match(unknown.output, /does not stand in the upstream include/);
  assert.equal(readText(nginx.files.upstreamInclude), text);
  assert.equal(last.workersSince, drained.workersSince);
  assert.equal(unknown.pid, started.pid);
});

test('when nginx does not take the change, the previous include is put back', async () => {
  await run('start');
  const before = readText(nginx.files.upstreamInclude);
  writeFileSync(nginx.files.conf, readText(nginx.files.conf).replace('listen', 'lisssten'));
  const refused = await run('drain', nginx.upstreams[0]);
  assert.equal(refused.ok, false);
  assert.match(refused.output, /previous include was put back/);
  assert.equal(readText(nginx.files.upstreamInclude), before);
  assert.deepEqual(
    refused.upstream.map((one) => one.down),
    [false, false]
  );
});

test('after kill -9 of the master, start ends the workers it left and serves again', async () => {
  const started = await run('start');
  process.kill(started.pid!, 'SIGKILL');
  await sleep(50);
  const killed = await run('status');
  assert.equal(killed.running, false);
  assert.match(killed.output, /1 worker\(s\) of it still serve/);
  for (const verb of ['reload', 'drain', 'undrain'] as const) {
    const refused = await run(verb, nginx.upstreams[0]);
    assert.equal(refused.ok, false);
    assert.match(refused.output, /does not run/);
  }
  const again = await run('start');
  assert.equal(again.ok, true, again.output);
  assert.match(again.output, /Ended 1 worker\(s\)/);
  assert.notEqual(again.pid, started.pid);
  assert.deepEqual(await askThroughNginx(nginx.url), ['one', 'two']);
});

test("start on a port that is taken fails in nginx's words", async () => {
  const taken = createServer().listen(Number(new URL(nginx.url).port), '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const failed = await run('start');
  await new Promise((resolve) => taken.close(resolve));
  assert.equal(failed.ok, false);
  assert.equal(failed.running, false);
  assert.match(failed.output, /bind\(\) to 127\.0\.0\.1:\d+ failed/);
});

test('a pid file that names a foreign process is not taken for nginx', async () => {
  const foreign = spawn('sleep', ['60']);
  writeFileSync(nginx.files.pidFile, `${foreign.pid}\n`);
  const status = await run('status');
  foreign.kill();
  assert.deepEqual([status.running, status.pid], [false, null]);
  assert.equal(existsSync(nginx.files.pidFile), true);
});
