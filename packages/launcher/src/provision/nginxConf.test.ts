import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../stand-ins/src/test/freePort.ts';
import { renderProvisioning } from './render.ts';

// The rendered nginx.conf on a real nginx: what the agent writes beside it must do what it says.
const admin = '203.0.113.200';
const person = '203.0.113.7';
let folder = '';
let odoo: Server;
let nginx: ChildProcess;
let url = '';
const file = (name: string) => join(folder, name);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dfr-nginx-conf-'));
  odoo = createServer((_request, response) => response.end('odoo')).listen(0, '127.0.0.1');
  await once(odoo, 'listening');
  const upstream = `127.0.0.1:${(odoo.address() as AddressInfo).port}`;
  const [port, statusPort] = [await freePort(), await freePort()];
  url = `http://127.0.0.1:${port}`;
  await renderProvisioning({
    profile: 'demo',
    out: file('config'),
    overrides: {
      addresses: { odoo: upstream, odooWebsocket: upstream },
      nginx: {
        listen: `127.0.0.1:${port}`,
        statusListen: `127.0.0.1:${statusPort}`,
        pidFile: file('nginx.pid'),
        tempDirectory: file('temp'),
        accessLog: file('access.log'),
        errorLog: file('error.log'),
        maintenanceFlag: file('maintenance.on'),
        upstreamInclude: file('config/nginx/conf.d/odoo-upstream.conf'),
        limitInclude: file('limit.conf'),
        denyInclude: file('deny.conf'),
        adminAddresses: [admin, '2001:db8:a::/48'],
        trustedProxies: ['127.0.0.1'],
        workerProcesses: 1,
        workerConnections: 512,
      },
    },
  });
  await mkdir(file('temp'));
  await copyFile(file('config/nginx/conf.d/limit.conf'), file('limit.conf'));
  await copyFile(file('config/nginx/conf.d/deny.conf'), file('deny.conf'));
  nginx = spawn('nginx', [...args(), '-g', `daemon off; ${process.getuid?.() === 0 ? 'user root;' : ''}`], {
    stdio: 'ignore',
  });
  await until(async () => (await ask('/web/health')).status === 200);
});
afterEach(async () => {
  await rm(file('maintenance.on'), { force: true });
  await choose('off');
});
after(async () => {
  const ended = once(nginx, 'exit');
  nginx.kill('SIGQUIT');
  await ended;
  odoo.close();
  odoo.closeAllConnections();
  await rm(folder, { recursive: true, force: true });
});

const args = () => ['-p', folder, '-c', file('config/nginx/nginx.conf'), '-e', file('error.log')];

function ask(path: string, peer = person): Promise<{ status: number; retryAfter: string | undefined }> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { agent: false, headers: { 'x-forwarded-for': peer } }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'] }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

async function until(ready: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 15_000; Date.now() < deadline; await sleep(50)) {
    if (await ready().catch(() => false)) {
      return;
    }
  }
  throw new Error(`In vain. nginx says: ${await readFile(file('error.log'), 'utf8').catch(() => 'nothing')}`);
}

/** Takes an include up as the agent does. */
async function reload(): Promise<void> {
  execFileSync('nginx', [...args(), '-t', '-q']);
  const before = (await readFile(file('error.log'), 'utf8')).split('exited with code 0').length;
  nginx.kill('SIGHUP');
  await until(async () => (await readFile(file('error.log'), 'utf8')).split('exited with code 0').length > before);
}

async function choose(limit: string): Promise<void> {
  const text = await readFile(file(`config/nginx/limits/${limit}.conf`), 'utf8');
  if (text !== (await readFile(file('limit.conf'), 'utf8'))) {
    await writeFile(file('limit.conf'), text);
    await reload();
  }
}

const served = async (path: string, peer: string, count: number) => {
  const statuses = await Promise.all(Array.from({ length: count }, () => ask(path, peer)));
  return statuses.filter(({ status }) => status === 200).length;
};

test('maintenance: 503 with Retry-After for people; health checks and administrators go through, and are counted so', async () => {
  await writeFile(file('maintenance.on'), '');
  assert.deepEqual(await ask('/web?maintained'), { status: 503, retryAfter: '300' });
  assert.equal((await ask('/websocket')).status, 503);
  assert.deepEqual(
    [await ask('/web/health?maintained'), await ask('/websocket/health')].map(({ status }) => status),
    [200, 200]
  );
  assert.equal((await ask('/web?administrator', admin)).status, 200);
  assert.equal((await ask('/web', '2001:db8:a:1::7')).status, 200);
  await rm(file('maintenance.on'));
  assert.equal((await ask('/web')).status, 200);
  const log = await readFile(file('access.log'), 'utf8');
  assert.match(log, /"GET \/web\?maintained .* by=maintenance/);
  assert.match(log, /"GET \/web\/health\?maintained .* by=odoo/);
  assert.match(log, /"GET \/web\?administrator .* by=odoo/);
});

test('a limit holds one address back, and neither others, administrators nor health checks; off lets all through', async () => {
  assert.equal(await served('/web', person, 50), 50);
  await choose('max-1-per-second');
  const through = await served('/web', person, 50);
  assert.ok(through >= 30 && through <= 34, `${through}`);
  assert.equal((await ask('/web')).status, 429);
  assert.equal((await ask('/web', '203.0.113.8')).status, 200);
  assert.equal(await served('/web', admin, 50), 50);
  assert.equal(await served('/web/health', person, 50), 50);
  await choose('off');
  assert.equal(await served('/web', person, 50), 50);
});

test('every prepared limit is taken by nginx', async () => {
  for (const limit of ['max-20-per-second', 'max-5-per-second', 'max-1-per-second']) {
    await choose(limit);
  }
  assert.ok((await served('/web', person, 50)) < 50);
});

test('a blocked address gets 403 for everything; without the line it is let in again', async () => {
  const before = await readFile(file('deny.conf'), 'utf8');
  await writeFile(file('deny.conf'), `${before}deny 203.0.113.0/25;\n`);
  await reload();
  assert.deepEqual([(await ask('/web')).status, (await ask('/web/health')).status], [403, 403]);
  assert.equal((await ask('/web', admin)).status, 200);
  await writeFile(file('deny.conf'), before);
  await reload();
  assert.equal((await ask('/web')).status, 200);
});
