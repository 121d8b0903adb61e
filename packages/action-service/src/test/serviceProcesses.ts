import { spawn, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Preview, Run, ServiceHealth } from '@dfr-ops/contracts';
import { freePort } from '../../../stand-ins/src/test/freePort.ts';
import { startCountingTarget } from './countingTarget.ts';
import { startGrafanaIssuer } from './grafanaIssuer.ts';
import type { Answer } from './serviceUnderTest.ts';
import { scratchFolder, waitUntil } from './startServer.ts';
import { startStore } from './startStore.ts';

const program = fileURLToPath(new URL('./countingService.ts', import.meta.url));
const secret = 'route-secret';

const policyText = `
version: 1
freeze: null
grants:
  - { roles: [Admin], actions: ['*'], targets: ['*'], may: [preview, run, approve] }
actions:
  count.8: { approval: second_person }
`;

/** A store and counting targets, and as many real service processes on them as a test starts. */
export async function startProcesses() {
  const [store, grafana, folder] = await Promise.all([startStore(), startGrafanaIssuer(), scratchFolder('processes')]);
  const target = await startCountingTarget(folder.path);
  const secretFile = join(folder.path, 'secret');
  const policyFile = join(folder.path, 'policy.yaml');
  await Promise.all([writeFile(secretFile, secret), writeFile(policyFile, policyText)]);
  const started = new Set<ChildProcess>();
  const environment = {
    PATH: process.env.PATH,
    COUNTING_SOCKET: target.path,
    COUNTING_LOG: process.env.COUNTING_LOG ?? 'silent',
    DATABASE_URL: store.databaseUrl,
    DFR_OPS_SECRET_FILE: secretFile,
    DFR_OPS_POLICY_FILE: policyFile,
    DFR_OPS_WEBHOOK_TOKEN_FILE: secretFile,
    DFR_OPS_PUBLIC_URL: 'http://127.0.0.1:13000',
    DFR_OPS_VERIFY_TIMEOUT_SECONDS: '2',
    GRAFANA_ISSUER: grafana.issuer,
    GRAFANA_KEYS_URL: grafana.keysUrl,
    PROMETHEUS_URL: 'http://127.0.0.1:9',
    ALERTMANAGER_URLS: 'http://127.0.0.1:9',
  };
  /** A process that has loaded its program and waits for its `begin`. */
  const prepare = async () => {
    const port = await freePort();
    const base = `http://127.0.0.1:${port}`;
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, program], {
      env: { ...environment, DFR_OPS_LISTEN: `127.0.0.1:${port}`, DFR_OPS_SELF_URL: base },
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    started.add(child);
    return serviceProcess(child, base, grafana.sign);
  };
  return {
    store,
    target,
    grafana,
    prepare,
    /** Starts one more; it is there once `ready` resolves. */
    async start(): Promise<ServiceProcess> {
      const process = await prepare();
      process.begin();
      return process;
    },
    async stop() {
      for (const child of started) {
        child.kill('SIGKILL');
      }
      await Promise.all([target.stop(), grafana.stop()]);
      await store.stop();
      await folder.remove();
    },
  };
}

export type Processes = Awaited<ReturnType<typeof startProcesses>>;
export type ServiceProcess = ReturnType<typeof serviceProcess>;

function serviceProcess(child: ChildProcess, base: string, sign: (login: string, role: string) => Promise<string>) {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const headers = async (login: string) => ({
    'x-dfr-ops-secret': secret,
    'x-grafana-id': await sign(login, 'Admin'),
  });
  const call = async <Body>(
    login: string,
    method: 'GET' | 'POST',
    path: string,
    body?: object
  ): Promise<Answer<Body>> => {
    const answer = await fetch(`${base}/api/v1${path}`, {
      method,
      headers: { ...(await headers(login)), ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: answer.status, body: (await answer.json()) as Body };
  };
  const isReady = async () => {
    const health = await call<ServiceHealth>('admin', 'GET', '/health').catch(() => null);
    return health?.body.sources.find((source) => source.kind === 'store')?.ok ?? false;
  };
  return {
    begin: () => void child.stdin?.write('begin\n'),
    base,
    headers,
    call,
    ready: () => waitUntil(isReady, 'the service and its store', 90),
    preview: async (actionId: string) =>
      (await call<Preview>('admin', 'POST', `/actions/${actionId}/preview`, { parameters: {} })).body,
    run: (token: string | null) => call<Run>('admin', 'POST', '/runs', { token, reason: 'counting' }),
    /** As by `kill -9`. */
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
