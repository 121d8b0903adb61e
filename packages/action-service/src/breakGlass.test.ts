import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fastify from 'fastify';
import type { AuditAnswer, Me, Preview, Problem } from '@dfr-ops/contracts';
import { writeTestBundle } from '../../host/src/test/testBundle.ts';
import { freePort } from '../../stand-ins/src/test/freePort.ts';
import { startGrafanaIssuer, type GrafanaIssuer } from './test/grafanaIssuer.ts';
import { startDockerSocket } from './test/socketTargets.ts';
import { scratchFolder, waitUntil } from './test/startServer.ts';
import { startStore, type ScratchStore } from './test/startStore.ts';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const hostPage = file('../../host/dist/entry.json');
const skip = existsSync(hostPage) ? false : "not run: the host's page is not built (npm run build -w @dfr-ops/host)";
const password = 'correct horse battery';

let store: ScratchStore;
let grafana: GrafanaIssuer;
let folder: Awaited<ReturnType<typeof scratchFolder>>;
let docker: Awaited<ReturnType<typeof startDockerSocket>>;
let serviceUrl: string;
let consoleUrl: string;
let serviceEnvironment: Record<string, string>;
const running: ChildProcess[] = [];
const odoo = fastify();

function start(program: string, args: string[], env: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, [file(program), ...args], { env: { PATH: process.env.PATH, ...env } });
  running.push(child);
  return child;
}
const ended = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once('exit', resolve));
const answers = async (url: string) => (await fetch(url).catch(() => null))?.ok ?? false;

before(async () => {
  [store, grafana, folder] = await Promise.all([startStore(), startGrafanaIssuer(), scratchFolder('glass')]);
  odoo.get('/web/health', async () => ({ status: 'pass' }));
  docker = await startDockerSocket(folder.path, 'dfr_odoo_prod');
  const [servicePort, consolePort] = [await freePort(), await freePort()];
  serviceUrl = `http://127.0.0.1:${servicePort}`;
  consoleUrl = `http://127.0.0.1:${consolePort}`;
  const path = (name: string) => join(folder.path, name);
  await writeFile(path('secret'), 'the-secret-of-the-route');
  await writeTestBundle(path('bundle'));
  await mkdir(path('dashboards'));
  const datasource = { uid: 'dfr-ops', name: 'DFR Ops', type: 'dfr-ops-datasource', jsonData: { serviceUrl }, secureJsonData: { serviceSecret: 'the-secret-of-the-route' } }; // prettier-ignore
  await writeFile(path('datasources.json'), JSON.stringify([datasource]));
  serviceEnvironment = {
    DFR_OPS_LISTEN: `127.0.0.1:${servicePort}`,
    DATABASE_URL: store.databaseUrl,
    DFR_OPS_SECRET_FILE: path('secret'),
    DFR_OPS_POLICY_FILE: file('../../../provisioning/policy.demo.yaml'),
    DFR_OPS_WEBHOOK_TOKEN_FILE: path('secret'),
    DFR_OPS_PUBLIC_URL: 'http://127.0.0.1:13000',
    DFR_OPS_SELF_URL: serviceUrl,
    GRAFANA_ISSUER: grafana.issuer,
    GRAFANA_KEYS_URL: grafana.keysUrl,
    PROMETHEUS_URL: 'http://127.0.0.1:9',
    ALERTMANAGER_URLS: 'http://127.0.0.1:9',
    DOCKER_SOCKET: docker.path,
    ODOO_URL: await odoo.listen({ host: '127.0.0.1', port: 0 }),
  };
  const hostEnvironment = {
    HOST_LISTEN: `127.0.0.1:${consolePort}`,
    HOST_PUBLIC_URL: consoleUrl,
    HOST_ACCESS: 'password',
    HOST_DIST: path('bundle'),
    HOST_DASHBOARDS: path('dashboards'),
    HOST_DATA_DIR: path('console'),
    HOST_DATASOURCES_FILE: path('datasources.json'),
  };
  if (!skip) {
    start('../../host/src/main.ts', [], hostEnvironment);
    const passwd = start('../../host/src/breakGlass/cli.ts', ['passwd', '--stdin', '--name', 'admin', '--file', path('console/console-passwords.json')], {}); // prettier-ignore
    passwd.stdin?.end(`${password}\n`);
    assert.equal(await ended(passwd), 0);
    await waitUntil(() => answers(`${consoleUrl}/healthz`), 'the console');
  }
});
after(async () => {
  running.forEach((child) => child.kill('SIGKILL'));
  await Promise.all([odoo.close(), docker?.stop(), grafana?.stop(), store?.stop()]);
  await folder?.remove();
});

async function startService(more: Record<string, string>): Promise<ChildProcess> {
  const child = start('./main.ts', [], { ...serviceEnvironment, ...more });
  await waitUntil(async () => {
    const { rows } = await store.pool.query("SELECT to_regclass('audit_segments') IS NOT NULL AS there");
    return rows[0].there && (await answers(`${serviceUrl}/healthz`));
  }, 'the service');
  return child;
}
async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  await ended(child);
}

async function logIn(): Promise<string> {
  const answer = await fetch(`${consoleUrl}/login`, {
    method: 'POST',
    headers: { origin: consoleUrl },
    body: new URLSearchParams({ name: 'admin', password }),
    redirect: 'manual',
  });
  assert.equal(answer.status, 303);
  return answer.headers
    .getSetCookie()
    .find((line) => line.startsWith('dfr_host_session'))!
    .split(';')[0]!;
}

/** Asks the service through the console, as the page does. */
async function through<Body>(cookie: string, path: string, body?: object): Promise<{ status: number; body: Body }> {
  const answer = await fetch(`${consoleUrl}/api/datasources/proxy/uid/dfr-ops/${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { cookie, origin: consoleUrl, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: answer.status, body: (await answer.json()) as Body };
}

/** Asks it as Grafana's proxy does. */
async function asGrafana<Body>(path: string, body?: object): Promise<{ status: number; body: Body }> {
  const answer = await fetch(`${serviceUrl}/api/v1/${path}`, {
    method: body ? 'POST' : 'GET',
    headers: {
      'x-dfr-ops-secret': 'the-secret-of-the-route',
      'x-grafana-id': await grafana.sign('admin', 'Admin'),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: answer.status, body: (await answer.json()) as Body };
}

test('where the console is not configured its login is audited, and nothing is answered to it', { skip }, async () => {
  const service = await startService({});
  const cookie = await logIn();
  const refused = await through<{ message: string }>(cookie, 'read/me');
  assert.deepEqual([refused.status, refused.body.message], [400, 'Authentication to data source failed']);
  await waitUntil(async () => {
    const { body } = await asGrafana<AuditAnswer>('audit?kind=console.login');
    return body.events?.length === 1;
  }, 'the login in the audit trail');
  await stop(service);
});

test(
  'where it is, who broke the glass may act under a name of the console’s own, beside Grafana',
  { skip },
  async () => {
    const keys = `${consoleUrl}/api/signing-keys/keys`;
    const service = await startService({ BREAK_GLASS_ISSUER: consoleUrl, BREAK_GLASS_KEYS_URL: keys });
    const cookie = await logIn();
    const { body: me } = await through<Me>(cookie, 'read/me');
    assert.deepEqual([me.person.login, me.person.role, me.mayAct], ['console:admin', 'Admin', true]);
    assert.equal((await asGrafana<Me>('me')).body.person.login, 'admin');
    const { body: shown } = await asGrafana<Preview>('actions/odoo.restart/preview', {});
    assert.equal(shown.refusal, null);
    const run = { token: shown.token, reason: 'hangs', typedTarget: 'dfr_odoo_prod' };
    const stolen = await through<Problem>(cookie, 'act/runs', run);
    assert.deepEqual([stolen.status, stolen.body.code], [403, 'token_of_another']);
    const { body: own } = await through<Preview>(cookie, 'act/actions/odoo.restart/preview', {});
    assert.equal((await through(cookie, 'act/runs', { ...run, token: own.token })).status, 202);
    await waitUntil(async () => docker.container.restarts === 1, 'the restart');
    const { events } = (await asGrafana<AuditAnswer>('audit?actor=console:admin')).body;
    const kinds = new Set(events.map(({ kind }) => kind));
    for (const kind of ['console.login', 'run.refused', 'preview.made', 'run.accepted']) {
      assert.ok(kinds.has(kind), kind);
    }
    await stop(service);
  }
);
