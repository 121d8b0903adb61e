import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AgentAnswer, Problem } from '@dfr-ops/contracts';
import { makeScratchNginx, readText, type ScratchNginx } from './test/scratchNginx.ts';

let nginx: ScratchNginx;
let socket: string;
const children: Agent[] = [];

beforeEach(async () => {
  nginx = await makeScratchNginx();
  socket = join(nginx.folder, 'agent.sock');
});
afterEach(async () => {
  for (const agent of children.splice(0)) {
    agent.process.kill('SIGKILL');
    await agent.ended;
  }
  await nginx.remove();
});

type Agent = { process: ChildProcess; ended: Promise<{ code: number | null; stderr: string }> };

function startAgent(environment: Record<string, string> = {}): Agent {
  const { files } = nginx;
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      AGENT_SOCKET: socket,
      NGINX_BIN: files.binary,
      NGINX_PREFIX: files.prefix,
      NGINX_CONF: files.conf,
      NGINX_PID_FILE: files.pidFile,
      NGINX_UPSTREAM_INCLUDE: files.upstreamInclude,
      NGINX_ERROR_LOG: files.errorLog,
      NGINX_MAINTENANCE_FLAG: files.maintenanceFlag!,
      NGINX_DENY_INCLUDE: files.denyInclude!,
      NGINX_LIMITS_FOLDER: files.limits!.folder,
      NGINX_LIMIT_INCLUDE: files.limits!.include,
      ...environment,
    },
  });
  let stderr = '';
  child.stderr?.on('data', (data: Buffer) => (stderr += data.toString()));
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, stderr }))
  );
  const agent = { process: child, ended };
  children.push(agent);
  return agent;
}

async function startReadyAgent(): Promise<Agent> {
  const agent = startAgent();
  for (const deadline = Date.now() + 15_000; Date.now() < deadline; await sleep(30)) {
    const answer = await ask('GET', '/healthz').catch(() => null);
    if (answer?.status === 200) {
      return agent;
    }
  }
  throw new Error('the agent did not become ready');
}

function ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const sent = request({ socketPath: socket, method, path, headers, agent: false }, async (answer) => {
      let text = '';
      for await (const part of answer) {
        text += part;
      }
      resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text) });
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

test('verbs work over a socket that only its owner may open; SIGTERM ends the agent and leaves nginx serving', async () => {
  const agent = await startReadyAgent();
  assert.equal(statSync(socket).mode & 0o777, 0o600);
  const started = AgentAnswer.parse((await ask('POST', '/v1/start', {})).body);
  assert.equal(started.ok, true, started.output);
  const drained = AgentAnswer.parse((await ask('POST', '/v1/drain', { server: nginx.upstreams[0] })).body);
  assert.equal(drained.ok, true, drained.output);
  assert.equal(AgentAnswer.parse((await ask('POST', '/v1/status')).body).upstream[0]?.down, true);
  agent.process.kill('SIGTERM');
  assert.equal((await agent.ended).code, 0);
  assert.equal(existsSync(socket), false);
  assert.equal((await fetch(nginx.url)).status, 200);
});

test('what is no verb, or has another body, is refused as a Problem and touches nothing', async () => {
  await startReadyAgent();
  const before = readText(nginx.files.upstreamInclude);
  const wrong: Array<[string, string, unknown, number]> = [
    ['POST', '/v1/exec', {}, 404],
    ['GET', '/v1/status', undefined, 404],
    ['POST', '/v1/reload', { conf: '/etc/passwd' }, 400],
    ['POST', '/v1/drain', { server: null }, 400],
    ['POST', '/v1/drain', { server: '127.0.0.1:8069; include /etc/passwd' }, 400],
    ['POST', '/v1/undrain', {}, 400],
    ['POST', '/v1/maintenance-on', { seconds: 4 * 3600 + 1 }, 400],
    ['POST', '/v1/maintenance-on', {}, 400],
    ['POST', '/v1/rate-limit', { limit: '../../etc/passwd' }, 400],
    ['POST', '/v1/block-ip', { address: '203.0.113.7', seconds: 24 * 3600 + 1 }, 400],
    ['POST', '/v1/block-ip', { address: '203.0.113.7', seconds: 299 }, 400],
    ['POST', '/v1/block-ip', { address: '203.0.113.7; allow all', seconds: 300 }, 400],
    ['POST', '/v1/rotate-logs', { log: '/etc/passwd' }, 400],
  ];
  for (const [method, path, body, status] of wrong) {
    const answer = await ask(method, path, body);
    assert.equal(answer.status, status, `${method} ${path}`);
    assert.match(Problem.parse(answer.body).todo, /Send/);
  }
  assert.equal(readText(nginx.files.upstreamInclude), before);
});

test('the socket of a dead agent is taken over; that of a living one, or another file, is not', async () => {
  const first = await startReadyAgent();
  const second = await startAgent().ended;
  assert.equal(second.code, 1);
  assert.match(second.stderr, /Another agent listens/);
  assert.equal((await ask('GET', '/healthz')).status, 200);
  first.process.kill('SIGKILL');
  await first.ended;
  assert.equal(existsSync(socket), true);
  await startReadyAgent();
  const file = join(nginx.folder, 'notes.txt');
  writeFileSync(file, 'kept');
  const third = await startAgent({ AGENT_SOCKET: file }).ended;
  assert.equal(third.code, 1);
  assert.match(third.stderr, /is no socket/);
  assert.equal(readText(file), 'kept');
});

test('a wrong environment ends it with one line that names every wrong variable', async () => {
  const { code, stderr } = await startAgent({ NGINX_CONF: 'nginx.conf', NGINX_PREFIX: '' }).ended;
  assert.equal(code, 1);
  assert.match(stderr, /^dfr-ops agent: .*NGINX_PREFIX.*NGINX_CONF.*\n$/);
});

test('what was set for a time ends although no agent was there when its time was over', async () => {
  const first = await startReadyAgent();
  await ask('POST', '/v1/start', {});
  const on = AgentAnswer.parse((await ask('POST', '/v1/maintenance-on', { seconds: 10 })).body);
  assert.equal((await fetch(nginx.url)).status, 503, on.output);
  first.process.kill('SIGKILL');
  await first.ended;
  writeFileSync(nginx.files.denyInclude!, 'deny 203.0.113.7; # until 2020-01-01T00:00:00.000Z\n');
  await sleep(Date.parse(on.maintenance!.until!) - Date.now());
  assert.equal((await fetch(nginx.url)).status, 503);
  await startReadyAgent();
  for (const deadline = Date.now() + 5000; Date.now() < deadline; await sleep(100)) {
    const { maintenance, blocked } = AgentAnswer.parse((await ask('POST', '/v1/status')).body);
    if (!maintenance!.on && blocked!.length === 0) {
      assert.equal((await fetch(nginx.url)).status, 200);
      return;
    }
  }
  assert.fail('it goes on');
});
