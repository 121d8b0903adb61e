import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { levelOf } from './levelOf.ts';
import { LogShipper } from './logShipper.ts';

type Push = { streams: Array<{ stream: Record<string, string>; values: Array<[string, string]> }> };
const labels = { service: 'odoo', component: 'server', country: 'SLE', env: 'test' };
let folder = '';
let log = '';
let url = '';
let status = 204;
let pushed: Push[] = [];
const server = createServer((incoming, answer) => {
  let body = '';
  incoming.on('data', (part: Buffer) => (body += part.toString()));
  incoming.on('end', () => {
    if (status === 204) {
      pushed.push(JSON.parse(body) as Push);
    }
    answer.writeHead(status).end();
  });
});

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dfr-ops-shipper-'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  log = join(folder, `${Math.random()}.log`);
  pushed = [];
  status = 204;
});
after(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const lines = () => pushed.flatMap((one) => one.streams.flatMap((stream) => stream.values.map(([, line]) => line)));

test('ships only what is written from now on, in order, with strictly rising times in ns', async () => {
  writeFileSync(log, 'of yesterday\n');
  const shipper = new LogShipper(url, [{ path: log, labels }]);
  await shipper.skipExisting();
  appendFileSync(log, 'one\ntwo\nhalf a li');
  await shipper.shipOnce();
  appendFileSync(log, 'ne\n');
  await shipper.shipOnce();
  assert.deepEqual(lines(), ['one', 'two', 'half a line']);
  const times = pushed.flatMap((one) => one.streams.flatMap((stream) => stream.values.map(([ns]) => BigInt(ns))));
  assert.ok(times.every((ns, i) => i === 0 || ns > (times[i - 1] ?? 0n)));
  assert.ok(Math.abs(Number(times[0]) / 1e6 - Date.now()) < 5000);
});

test('the level of a line becomes a label', async () => {
  const shipper = new LogShipper(url, [{ path: log, labels }]);
  writeFileSync(log, '2026-01-01 ERROR boom\nplain\n');
  await shipper.shipOnce();
  assert.deepEqual(
    pushed[0]?.streams.map((one) => one.stream),
    [{ ...labels, level: 'error' }, labels]
  );
});

test('a secret does not leave the machine, and a traceback is one entry', async () => {
  const shipper = new LogShipper(url, [{ path: log, labels, firstLine: /^\d{4}-/ }]);
  writeFileSync(log, '2026-01-01 ERROR password=horse\nTraceback (most recent call last):\nValueError: é\n');
  await shipper.shipOnce();
  assert.deepEqual(lines(), [], 'it may go on');
  await shipper.stop();
  assert.deepEqual(lines(), ['2026-01-01 ERROR password=***\nTraceback (most recent call last):\nValueError: é']);
});

test('a reading that ends within a letter does not break it', async () => {
  const shipper = new LogShipper(url, [{ path: log, labels }]);
  const [first, second] = [Buffer.from('é').subarray(0, 1), Buffer.from('é\n').subarray(1)];
  writeFileSync(log, first);
  await shipper.shipOnce();
  appendFileSync(log, second);
  await shipper.shipOnce();
  assert.deepEqual(lines(), ['é']);
});

test('keeps lines while the store is away, and ships them once it is back', async () => {
  const shipper = new LogShipper(url, [{ path: log, labels }]);
  writeFileSync(log, 'first\n');
  status = 503;
  await assert.rejects(shipper.shipOnce(), /503/);
  appendFileSync(log, 'second\n');
  status = 204;
  await shipper.shipOnce();
  assert.deepEqual(lines(), ['first', 'second']);
});

test('drops the oldest beyond its capacity, and says so', async () => {
  const shipper = new LogShipper(url, [{ path: log, labels }], 2);
  writeFileSync(log, 'a\nb\nc\nd\n');
  status = 503;
  await assert.rejects(shipper.shipOnce());
  status = 204;
  await shipper.shipOnce();
  assert.deepEqual(lines().slice(0, 2), ['c', 'd']);
  assert.match(lines()[2] ?? '', /2 log lines were dropped/);
});

test('follows a log that was emptied', async () => {
  const shipper = new LogShipper(url, [{ path: log, labels }]);
  writeFileSync(log, 'before, a long line\n');
  await shipper.shipOnce();
  truncateSync(log);
  appendFileSync(log, 'after\n');
  await shipper.shipOnce();
  assert.deepEqual(lines(), ['before, a long line', 'after']);
});

test('reads the level as Odoo, PostgreSQL, Nginx, Prometheus and pino write it', () => {
  assert.equal(levelOf('2026-11-24 03:00:00,1 12 ERROR dfr odoo.http: boom'), 'error');
  assert.equal(
    levelOf('2026-11-24 03:00:00.1 UTC [12] odoo@dfr FATAL:  remaining connection slots are reserved'),
    'critical'
  );
  assert.equal(levelOf('2026/11/24 03:00:00 [error] 12#12: *1 no live upstreams'), 'error');
  assert.equal(levelOf('{"level":40,"time":1,"msg":"x"}'), 'warning');
  assert.equal(levelOf('{"level":"warn"}'), 'warning');
  assert.equal(levelOf('127.0.0.1 - - [24/Nov/2026:03:22:01 +0000] "GET /web HTTP/1.1" 200 512'), null);
  assert.equal(levelOf('127.0.0.1 - - [24/Nov/2026:03:22:01 +0000] "GET /FATAL HTTP/1.1" 404 0'), null);
  assert.equal(levelOf('{"level":"constructor"}'), null);
});
