import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import fastify from 'fastify';
import type { Preview, Run, ServiceHealth } from '@dfr-ops/contracts';
import { startGrafanaIssuer, type GrafanaIssuer } from './test/grafanaIssuer.ts';
import { startDockerSocket } from './test/socketTargets.ts';
import { freePort } from '../../stand-ins/src/test/freePort.ts';
import { scratchFolder, waitUntil } from './test/startServer.ts';
import { startStore, type ScratchStore } from './test/startStore.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const policy = fileURLToPath(new URL('../../../provisioning/policy.demo.yaml', import.meta.url));
const odoo = fastify();

let store: ScratchStore;
let grafana: GrafanaIssuer;
let folder: Awaited<ReturnType<typeof scratchFolder>>;
let docker: Awaited<ReturnType<typeof startDockerSocket>>;
let environment: Record<string, string>;
let base: string;
const started: ChildProcess[] = [];

before(async () => {
  [store, grafana, folder] = await Promise.all([startStore(), startGrafanaIssuer(), scratchFolder('main')]);
  docker = await startDockerSocket(folder.path, 'dfr_odoo_prod');
  odoo.get('/web/health', async () => ({ status: 'pass' }));
  const secretFile = join(folder.path, 'secret');
  await writeFile(secretFile, 'route-secret');
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  environment = {
    DFR_OPS_LISTEN: `127.0.0.1:${port}`,
    DATABASE_URL: store.databaseUrl,
    DFR_OPS_SECRET_FILE: secretFile,
    DFR_OPS_POLICY_FILE: policy,
    DFR_OPS_WEBHOOK_TOKEN_FILE: secretFile,
    DFR_OPS_PUBLIC_URL: 'http://127.0.0.1:13000',
    DFR_OPS_SELF_URL: base,
    DFR_OPS_RECONCILE_SECONDS: '0.5',
    GRAFANA_ISSUER: grafana.issuer,
    GRAFANA_KEYS_URL: grafana.keysUrl,
    PROMETHEUS_URL: 'http://127.0.0.1:9',
    ALERTMANAGER_URLS: 'http://127.0.0.1:9',
    DOCKER_SOCKET: docker.path,
    ODOO_URL: await odoo.listen({ host: '127.0.0.1', port: 0 }),
  };
});
after(async () => {
  started.forEach((child) => child.kill('SIGKILL'));
  await Promise.all([odoo.close(), docker?.stop(), grafana?.stop(), store?.stop()]);
  await folder?.remove();
});

function start(overrides: Record<string, string> = {}) {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env.PATH, ...environment, ...overrides },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const told: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => told.push(chunk.toString()));
  started.push(child);
  const ended = new Promise<{ code: number | null; errors: string }>((resolve) =>
    child.once('exit', (code) => resolve({ code, errors }))
  );
  return { child, ended, told: () => told.join('') };
}

async function call<Body>(method: 'GET' | 'POST', path: string, payload?: object): Promise<Body> {
  const answer = await fetch(`${base}/api/v1${path}`, {
    method,
    headers: {
      'x-dfr-ops-secret': 'route-secret',
      'x-grafana-id': await grafana.sign('admin', 'Admin'),
      ...(payload ? { 'content-type': 'application/json' } : {}),
    },
    ...(payload ? { body: JSON.stringify(payload) } : {}),
  });
  return (await answer.json()) as Body;
}

async function storeIsUp(): Promise<boolean> {
  const health = await call<ServiceHealth>('GET', '/health').catch(() => null);
  return health?.sources.find((source) => source.kind === 'store')?.ok ?? false;
}

test('killed in the middle of a restart, it takes the run up as interrupted, verifies it and repeats nothing', async () => {
  const first = start();
  await waitUntil(storeIsUp, 'the service');
  docker.container.restartMs = 1500;
  const shown = await call<Preview>('POST', '/actions/odoo.restart/preview', {});
  const body = { token: shown.token, reason: 'hangs', typedTarget: 'dfr_odoo_prod' };
  const accepted = await call<Run>('POST', '/runs', body);
  await waitUntil(async () => docker.container.restarts === 1, 'the restart to begin');
  first.child.kill('SIGKILL');
  await first.ended;
  const second = start();
  await waitUntil(storeIsUp, 'the service to be back');
  await waitUntil(async () => (await call<Run>('GET', `/runs/${accepted.id}`)).finishedAt, 'the verdict');
  const run = await call<Run>('GET', `/runs/${accepted.id}`);
  assert.equal(run.state, 'interrupted');
  assert.equal(run.effect.state, 'confirmed', run.effect.detail);
  assert.equal(docker.container.restarts, 1);
  assert.equal((await call<Run>('POST', '/runs', body)).id, accepted.id);
  assert.equal(docker.container.restarts, 1);
  const taken = await start().ended;
  assert.equal(taken.code, 1);
  assert.match(taken.errors, /^The action service cannot start: 127\.0\.0\.1:\d+ is taken by another process\.\n$/);
  const began = Date.now();
  second.child.kill('SIGTERM');
  assert.equal((await second.ended).code, 0);
  assert.ok(Date.now() - began < 5000);
});

test('a wrong environment ends it with one line that names every fault', async () => {
  const { code, errors } = await start({ DFR_OPS_LISTEN: 'here', DFR_OPS_SECRET_FILE: '/nonexistent' }).ended;
  assert.equal(code, 1);
  assert.match(
    errors,
    /^The action service cannot start: .*DFR_OPS_LISTEN: must be host:port.*DFR_OPS_SECRET_FILE: the file \/nonexistent cannot be read.*\n$/
  );
});

test('on its very first start it migrates before it reads, and complains of nothing in the store', async () => {
  await store.pool.query('DROP SCHEMA IF EXISTS pgboss CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  const { child, ended, told } = start();
  await waitUntil(storeIsUp, 'the service');
  await sleep(2500);
  child.kill('SIGTERM');
  assert.equal((await ended).code, 0);
  assert.match(told(), /the store was migrated/);
  assert.doesNotMatch(told(), /does not exist/);
});

test('it starts while the store is down, answers, and does its work when the store comes', async () => {
  await store.stopCluster();
  const { child, ended } = start();
  await waitUntil(async () => (await fetch(`${base}/healthz`).catch(() => null))?.ok, 'it to listen');
  const health = await call<ServiceHealth>('GET', '/health');
  assert.equal(health.sources.find((source) => source.kind === 'store')?.ok, false);
  await store.startCluster();
  await waitUntil(storeIsUp, 'the store');
  child.kill('SIGTERM');
  assert.equal((await ended).code, 0);
});
