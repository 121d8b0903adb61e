import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { examine } from '../check.ts';
import type { Installation } from '../installation.ts';
import { installationAt, startFakeServer, Status } from '../test/fakeServer.ts';
import { logChecks } from './logs.ts';

const folder = await mkdtemp(join(tmpdir(), 'dfr-ops-doctor-test-'));
const server = await startFakeServer();
after(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});
await mkdir(join(folder, 'loki/rules/fake'), { recursive: true });
const rules = [{ alert: 'A', expr: '{a="b"} |= `x`' }];
await writeFile(join(folder, 'loki/rules/fake/a.yaml'), JSON.stringify({ groups: [{ name: 'logs', rules }] }));

/** A Loki that keeps what is pushed. */
function lokiThatWorks(labels = ['country', 'env', 'service']) {
  const kept: string[] = [];
  const streams = (values: string[][]) => ({ data: { result: values.length ? [{ values }] : [] } });
  Object.assign(server.answers, {
    '/ready': () => 'ready',
    '/loki/api/v1/labels': () => ({ data: labels }),
    '/loki/api/v1/push': ({ body }: { body: string }) => {
      kept.push(body);
      return new Status(204, '');
    },
    '/loki/api/v1/query_range': ({ query }: { query: URLSearchParams }) => {
      const mark = /mark=|\|= "(.+)"/.exec(query.get('query') ?? '')?.[1];
      const found = mark ? kept.some((body) => body.includes(mark)) : query.get('query') !== '{service="nginx"}';
      return streams(found ? [[`${Date.now()}000000`, 'line']] : []);
    },
    '/prometheus/api/v1/rules': () => ({
      status: 'success',
      data: { groups: [{ name: 'logs', rules: [{ name: 'A', query: '{a="b"} |= `x`', health: 'ok' }] }] },
    }),
  });
}

async function look(more: Partial<Installation> = {}) {
  const checks = logChecks({ ...installationAt(server, folder), kind: 'native', ...more });
  const [found] = await examine([{ title: '', checks }]);
  return Object.fromEntries(found!.findings.map(({ name, state, text }) => [name, `${state}: ${text}`]));
}

test('ready, labelled, with lines, with its rules, and a pushed line comes out', async () => {
  lokiThatWorks();
  const found = await look();
  assert.match(found['Loki']!, /^ok/);
  assert.match(found['Lines of odoo']!, /^ok: The newest is 0 s old/);
  assert.match(found['Lines of nginx']!, /^warning: None within 60 min/);
  assert.match(found["Loki's rules"]!, /^ok/);
  assert.match(found['Push and query']!, /^ok/);
});

test('without labels, without rules, and when a pushed line is lost', async () => {
  lokiThatWorks(['service']);
  server.answers['/loki/api/v1/push'] = () => new Status(204, '');
  server.answers['/prometheus/api/v1/rules'] = () => ({ status: 'success', data: { groups: [] } });
  const found = await look();
  assert.match(found['Loki']!, /^failed: .*country, env/);
  assert.match(found["Loki's rules"]!, /^failed: 1 differ .*logs\/A \(missing\)/);
  assert.match(found['Push and query']!, /^failed: .*not found/);
});

test('without labels just after its start it only warns: by its own word, else by when all was started', async () => {
  lokiThatWorks([]);
  const metrics = (secondsAgo: number) => () =>
    `# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds ${(Date.now() / 1000 - secondsAgo).toExponential(9)}\n`;
  const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);
  server.answers['/metrics'] = metrics(5);
  assert.match((await look())['Loki']!, /^warning: .*started [56] s ago.*no line yet has country, env, service/);
  server.answers['/metrics'] = metrics(600);
  assert.match((await look({ startedAt: ago(5) }))['Loki']!, /^failed: /);
  delete server.answers['/metrics'];
  assert.match((await look({ startedAt: ago(5) }))['Loki']!, /^warning: /);
  assert.match((await look({ startedAt: ago(600) }))['Loki']!, /^failed: /);
  assert.match((await look())['Loki']!, /^failed: /);
});

test('the log store has no ruler, which is no failure; a Loki that is down is one', async () => {
  lokiThatWorks();
  assert.match((await look({ hasRuler: false }))["Loki's rules"]!, /^warning: Not checked, because/);
  server.answers['/ready'] = () => new Status(503, 'Ingester not ready');
  assert.match((await look())['Loki']!, /^failed: Loki answered 503 \(Ingester not ready\)/);
});
