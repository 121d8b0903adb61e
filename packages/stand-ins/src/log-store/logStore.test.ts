import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { buildLogStore } from './app.ts';
import { readConfig } from './config.ts';
import { lokiContract } from './contract/contract.ts';

const limits = { maxBytes: 10_000_000, retentionMs: 86_400_000, maxEntries: 5000, maxQueryMs: 31 * 86_400_000 };
let dir: string;
let app: FastifyInstance;
let url: string;

before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'dfr-ops-logs-'));
  app = await buildLogStore({ dir, limits, logger: false });
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});
after(async () => {
  await app.close();
  rmSync(dir, { recursive: true, force: true });
});

lokiContract('log store', () => url);

test('what it does not answer it refuses by name', async () => {
  for (const query of [
    '{a="b"} | line_format "x"',
    '{a="b"} | label_format x=y',
    '{a="b"} | drop x="y"',
    '{a="b"} | unpack',
    '{a="b"} | decolorize',
    '{a="b"} | json x="y"',
    '{a="b"} | logfmt x',
    '{a="b"} | logfmt --strict',
    '{a="b"} |> "<_>"',
    '{a="b"} |= ip("10.0.0.0/8")',
    '{a="b"} | json | took > 5s',
    '{a="b"} | json | size > 5KB',
    'topk(3, count_over_time({a="b"}[1m]))',
    'quantile_over_time(0.9, {a="b"} | unwrap x [1m])',
    'rate({a="b"} | unwrap x [1m])',
    'count_over_time({a="b"}[1m] offset 5m)',
    'absent_over_time({a="b"}[1m])',
    'stddev(count_over_time({a="b"}[1m]))',
    'count_over_time({a="b"}[1m]) > bool 1',
    'count_over_time({a="b"}[1m]) > count_over_time({a="c"}[1m])',
    'count_over_time({a="b"}[1m]) or vector(0)',
    'count_over_time({a="b"}[1m]) ^ 2',
    'sum(count_over_time({a="b"}[1m])) / on (a) count_over_time({a="c"}[1m])',
    'label_replace(count_over_time({a="b"}[1m]), "a", "$1", "b", "(.*)")',
    '1 + 1',
    '5 < count_over_time({a="b"}[1m])',
  ]) {
    const answer = await app.inject({ url: '/loki/api/v1/query_range', query: { query } });
    assert.equal(answer.statusCode, 400, query);
    assert.match(answer.body, /not supported by the embedded log store/);
  }
});

test('another Host is refused, so that no web page reads logs by a name that points to loopback', async () => {
  const answer = await app.inject({ url: '/loki/api/v1/labels', headers: { host: 'evil.example' } });
  assert.equal(answer.statusCode, 421);
});

test('a restart keeps the lines, also behind one that a crash cut off; a second push of the same line is one line', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dfr-ops-logs-'));
  const line = { streams: [{ stream: { service: 'odoo' }, values: [[`${Date.now()}000000`, 'kept']] }] };
  const first = await buildLogStore({ dir: folder, limits, logger: false });
  for (const _ of [1, 2]) {
    assert.equal((await first.inject({ method: 'POST', url: '/loki/api/v1/push', payload: line })).statusCode, 204);
  }
  await first.close();
  appendFileSync(join(folder, readdirSync(folder)[0] ?? ''), '["17000000000');
  const second = await buildLogStore({ dir: folder, limits, logger: false });
  const answer = await second.inject({ url: '/loki/api/v1/query_range', query: { query: '{service="odoo"}' } });
  assert.equal(answer.json().data.result[0].values.length, 1);
  await second.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a restart keeps the metadata of a line; a line too long is cut', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dfr-ops-logs-'));
  const line: [string, string, object] = [`${Date.now()}000000`, 'é'.repeat(200_000), { trace: 't1' }];
  const payload = { streams: [{ stream: { service: 'odoo' }, values: [line] }] };
  const first = await buildLogStore({ dir: folder, limits, logger: false });
  assert.equal((await first.inject({ method: 'POST', url: '/loki/api/v1/push', payload })).statusCode, 204);
  await first.close();
  const second = await buildLogStore({ dir: folder, limits, logger: false });
  const answer = await second.inject({ url: '/loki/api/v1/query_range', query: { query: '{service="odoo"}' } });
  const [{ stream, values }] = answer.json().data.result;
  assert.deepEqual(stream, { service: 'odoo', trace: 't1' });
  assert.equal(Buffer.byteLength(values[0][1]), 256 * 1024);
  await second.close();
  rmSync(folder, { recursive: true, force: true });
});

// Loki before 3.6 takes the last one from logfmt, later ones the first.
test('of several values of one name the first stays', async () => {
  const values = [[`${Date.now()}000000`, 'took=1 took=2']];
  const payload = { streams: [{ stream: { service: 'twice' }, values }] };
  await app.inject({ method: 'POST', url: '/loki/api/v1/push', payload });
  const query = '{service="twice"} | logfmt | regexp "took=(?P<took>2)"';
  const answer = await app.inject({ url: '/loki/api/v1/query_range', query: { query } });
  assert.equal(answer.json().data.result[0].stream.took, '1');
});

test('a stream needs a label that is not empty', async () => {
  for (const stream of [{}, { service: '' }]) {
    const payload = { streams: [{ stream, values: [[`${Date.now()}000000`, 'x']] }] };
    const answer = await app.inject({ method: 'POST', url: '/loki/api/v1/push', payload });
    assert.equal(answer.statusCode, 400);
    assert.match(answer.body, /at least one label pair is required per stream/);
  }
});

test('what Loki answers and this does not is refused with a way out', async () => {
  const answer = await app.inject({ url: '/loki/api/v1/tail?query=x' });
  assert.equal(answer.statusCode, 404);
  assert.match(answer.body, /GET \/loki\/api\/v1\/tail is not answered: .* docs\/logql\.md/);
});

test('memory is bounded: the oldest lines go first', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dfr-ops-logs-'));
  const small = await buildLogStore({ dir: folder, limits: { ...limits, maxBytes: 1000 }, logger: false });
  const now = Date.now();
  const values = Array.from({ length: 50 }, (_, index) => [
    `${now - 50 + index}000000`,
    `line ${index} ${'x'.repeat(20)}`,
  ]);
  await small.inject({
    method: 'POST',
    url: '/loki/api/v1/push',
    payload: { streams: [{ stream: { service: 'odoo' }, values }] },
  });
  const answer = await small.inject({
    url: '/loki/api/v1/query_range',
    query: { query: '{service="odoo"}', end: `${now + 1000}000000` },
  });
  const kept = answer.json().data.result[0].values;
  assert.ok(kept.length < 12 && kept.length > 3, `${kept.length} lines`);
  assert.match(kept[0][1], /^line 49/);
  await small.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a wrong environment is refused with the name of what is wrong', () => {
  assert.throws(() => readConfig({ LOG_STORE_LISTEN: '0.0.0.0:3100', LOG_STORE_DIR: '/nowhere' }), /LOG_STORE_LISTEN/);
  assert.equal(readConfig({ LOG_STORE_LISTEN: '127.0.0.1:3100', LOG_STORE_DIR: '/nowhere' }).listen.port, 3100);
});
