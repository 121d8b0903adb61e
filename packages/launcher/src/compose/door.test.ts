import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { repoRoot } from '../native/context.ts';
import { freePorts } from './test/freePorts.ts';

const folder = mkdtempSync(join(tmpdir(), 'dfr-door-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const door = join(repoRoot, 'docker/door.mjs');
const health = join(repoRoot, 'docker/health.sh');

/** Answers what it was asked, under which Host. */
const program = join(folder, 'program.mjs');
writeFileSync(
  program,
  `import { createServer } from 'node:http';
createServer(async (asked, answer) => {
  let body = '';
  for await (const part of asked) body += part;
  answer.writeHead(asked.url === '/broken' ? 500 : 200);
  answer.end(JSON.stringify({ host: asked.headers.host, url: asked.url, method: asked.method, body }));
}).listen(Number(process.env.PORT), '127.0.0.1');`
);

const freePort = async () => (await freePorts(1))[0] ?? 0;

async function openDoor(context: TestContext, doors: (inner: number) => string[]): Promise<{ inner: number }> {
  const inner = await freePort();
  const child = spawn(process.execPath, [door, ...doors(inner), '--', program], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PORT: String(inner) },
  });
  context.after(() => end(child));
  for (let tries = 0; tries < 100 && !(await ask(inner, '/').catch(() => null)); tries++) {
    await sleep(50);
  }
  return { inner };
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.on('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

function ask(port: number, path: string, options: { host?: string; body?: string } = {}) {
  return new Promise<{ status: number; answer: Record<string, string> }>((resolve, reject) => {
    const { host, body } = options;
    const headers = host ? { host } : {};
    const asked = request({ host: '127.0.0.1', port, path, method: body ? 'POST' : 'GET', headers }, async (reply) => {
      let text = '';
      for await (const part of reply) {
        text += part;
      }
      resolve({ status: reply.statusCode ?? 0, answer: text.startsWith('{') ? JSON.parse(text) : { text } });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

test('a tcp door leaves the Host header for the program to judge', async (context) => {
  const outer = await freePort();
  await openDoor(context, (inner) => [`tcp=127.0.0.1:${outer},127.0.0.1:${inner}`]);
  const { answer } = await ask(outer, '/x', { host: 'evil.example' });
  assert.equal(answer['host'], 'evil.example');
});

test('an http door asks in the program’s own name, for its one path only', async (context) => {
  const outer = await freePort();
  const { inner } = await openDoor(context, (port) => [`http=127.0.0.1:${outer},127.0.0.1:${port},/messages`]);
  const { status, answer } = await ask(outer, '/messages?since=1', { host: 'sms-sink:8027', body: 'hello' });
  assert.equal(status, 200);
  assert.deepEqual(answer, { host: `127.0.0.1:${inner}`, url: '/messages?since=1', method: 'POST', body: 'hello' });
  for (const path of ['/', '/messagesx', '/messages/../healthz', '//messages']) {
    assert.equal((await ask(outer, path)).status, 404, path);
  }
});

test('a door to nobody answers 502, and a taken port ends it with one line', async (context) => {
  const [outer, nobody] = [await freePort(), await freePort()];
  const { inner } = await openDoor(context, () => [`http=127.0.0.1:${outer},127.0.0.1:${nobody},/messages`]);
  assert.equal((await ask(outer, '/messages')).status, 502);
  const second = spawnSync(process.execPath, [door, `tcp=127.0.0.1:${inner},127.0.0.1:1`, '--', program], {
    encoding: 'utf8',
    timeout: 10_000,
    env: { ...process.env, PORT: String(await freePort()) },
  });
  assert.equal(second.status, 1);
  assert.match(second.stderr, /^door tcp=.*EADDRINUSE/);
  assert.equal(spawnSync(process.execPath, [door]).status, 2);
});

test('the health check ends with 0 on 200, else with 1', async (context) => {
  const { inner } = await openDoor(context, () => []);
  const check = (port: number, path: string) =>
    spawnSync('bash', [health, String(port), path], { timeout: 10_000 }).status;
  assert.equal(check(inner, '/healthz'), 0);
  assert.equal(check(inner, '/broken'), 1);
  assert.equal(check(await freePort(), '/'), 1);
});
