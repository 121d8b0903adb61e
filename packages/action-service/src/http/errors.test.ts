import assert from 'node:assert/strict';
import { connect, type AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { ProblemDetails } from '@dfr-ops/contracts';
import { buildApp } from '../app.ts';
import type { Deps } from '../deps.ts';

const lines: string[] = [];
const app = await buildApp({
  log: pino({}, { write: (line: string) => lines.push(line) }),
  metrics: new Registry(),
  config: { secret: 'route-secret', webhookToken: 'webhook-token' },
  identity: { verify: async () => ({ login: 'ann', name: 'Ann', email: '', role: 'Admin' }) },
  incidents: {
    alerts: async () => Promise.reject(new Error('password=hunter2 in the text of a library')),
    sources: () => [],
  },
} as unknown as Deps);
after(() => app.close());

async function ask(method: 'GET' | 'POST', url: string, payload?: string, headers: Record<string, string> = {}) {
  const answer = await app.inject({
    method,
    url,
    headers: { 'x-dfr-ops-secret': 'route-secret', 'content-type': 'application/json', ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
  assert.match(String(answer.headers['content-type']), /^application\/problem\+json/, answer.body);
  const problem = ProblemDetails.parse(answer.json());
  assert.equal(problem.status, answer.statusCode);
  assert.equal(problem.type, `urn:dfr-ops:problem:${problem.code}`);
  assert.match(problem.instance, /^urn:uuid:[0-9a-f-]{36}$/);
  assert.ok(problem.title === problem.what && problem.detail.includes(problem.todo));
  return problem;
}

test('an error is a problem of RFC 9457, whichever part of the service it comes from', async () => {
  assert.equal((await ask('GET', '/nowhere')).code, 'route_unknown');
  assert.equal((await ask('GET', '/api/v1/me', undefined, { 'x-dfr-ops-secret': 'wrong' })).status, 403);
  assert.equal((await ask('POST', '/hooks/alertmanager', '{}')).status, 401);
  const wrong = await ask('POST', '/api/v1/runs', '{"reason":1,"extra":true}');
  assert.equal(wrong.code, 'input_wrong');
  assert.ok(wrong.issues?.some(({ path }) => path === 'token'));
  assert.equal((await ask('POST', '/api/v1/runs', '{')).status, 400);
  assert.equal((await ask('POST', '/api/v1/runs', 'x', { 'content-type': 'text/plain' })).status, 415);
  assert.equal((await ask('POST', '/api/v1/runs', `"${'x'.repeat(300_000)}"`)).status, 413);
  assert.equal((await ask('GET', '/api/v1/runs/%E0%A4%A')).status, 400);
});

test('what never becomes a request is answered with a problem too', async () => {
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const answerTo = async (sent: string) => {
    const socket = connect(port, '127.0.0.1');
    socket.write(sent);
    const answer = Buffer.concat(await socket.toArray()).toString();
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    assert.match(head, /Content-Type: application\/problem\+json/);
    return ProblemDetails.parse(JSON.parse(body)).status;
  };
  assert.equal(await answerTo(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`), 431);
  assert.equal(await answerTo('hello\r\n\r\n'), 400);
});

test('an unforeseen error keeps its text to the log, which has it under the instance that the answer names', async () => {
  const problem = await ask('GET', '/api/v1/alerts');
  assert.equal(problem.status, 500);
  assert.doesNotMatch(JSON.stringify(problem), /hunter2/);
  const id = problem.instance.replace('urn:uuid:', '');
  const logged = lines.map((line) => JSON.parse(line)).find(({ reqId }) => reqId === id);
  assert.match(logged.err.message, /text of a library/);
});

test('it is alive at once, and ready when it has asked for the alerts', async () => {
  assert.equal((await app.inject('/healthz')).statusCode, 200);
  assert.equal((await ask('GET', '/readyz')).code, 'not_ready');
});
