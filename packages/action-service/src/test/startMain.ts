import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../stand-ins/src/test/freePort.ts';
import { startGrafanaIssuer } from './grafanaIssuer.ts';
import { scratchFolder, waitUntil } from './startServer.ts';
import { startAgentSocket, startDockerSocket } from './socketTargets.ts';
import { startStore } from './startStore.ts';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));
const policy = fileURLToPath(new URL('../../../../provisioning/policy.demo.yaml', import.meta.url));

export const routeSecret = 'route-secret-of-the-test';
export const webhookToken = 'webhook-token-of-the-test';

export type RunningMain = Awaited<ReturnType<typeof startMain>>;

/**
 * The service as a real process with a real store, over stand-ins of its targets on sockets. `environment` overwrites single
 * variables; `arguments` are Node's own.
 */
export async function startMain(
  options: { environment?: Record<string, string>; durable?: boolean; arguments?: string[] } = {}
) {
  const [store, grafana, folder] = await Promise.all([
    startStore(options),
    startGrafanaIssuer(),
    scratchFolder('main'),
  ]);
  const [docker, agent] = await Promise.all([
    startDockerSocket(folder.path, 'dfr_odoo_prod'),
    startAgentSocket(folder.path),
  ]);
  const secretFile = join(folder.path, 'secret');
  const tokenFile = join(folder.path, 'token');
  await Promise.all([writeFile(secretFile, routeSecret), writeFile(tokenFile, webhookToken)]);
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [...(options.arguments ?? []), main], {
    env: {
      PATH: process.env.PATH,
      DFR_OPS_LISTEN: `127.0.0.1:${port}`,
      DATABASE_URL: store.databaseUrl,
      DFR_OPS_SECRET_FILE: secretFile,
      DFR_OPS_POLICY_FILE: policy,
      DFR_OPS_WEBHOOK_TOKEN_FILE: tokenFile,
      DFR_OPS_PUBLIC_URL: 'http://127.0.0.1:13000',
      DFR_OPS_SELF_URL: base,
      DFR_OPS_RECONCILE_SECONDS: '0.5',
      GRAFANA_ISSUER: grafana.issuer,
      GRAFANA_KEYS_URL: grafana.keysUrl,
      PROMETHEUS_URL: 'http://127.0.0.1:9',
      ALERTMANAGER_URLS: 'http://127.0.0.1:9',
      DOCKER_SOCKET: docker.path,
      NGINX_AGENT_SOCKET: agent.path,
      ...options.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let told = '';
  child.stdout.on('data', (chunk: Buffer) => (told += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
  const ended = once(child, 'exit');
  const headersOf = async (login: string, role: string) => ({
    'x-dfr-ops-secret': routeSecret,
    'x-grafana-id': await grafana.sign(login, role),
  });
  const ask = async <Body>(method: 'GET' | 'POST', path: string, payload?: object): Promise<Body> => {
    const answer = await fetch(`${base}/api/v1${path}`, {
      method,
      headers: { ...(await headersOf('admin', 'Admin')), ...(payload ? { 'content-type': 'application/json' } : {}) },
      ...(payload ? { body: JSON.stringify(payload) } : {}),
    });
    return (await answer.json()) as Body;
  };
  const ready = async () => {
    if (child.exitCode !== null) {
      throw new Error(`The service ended: ${told}`);
    }
    const answer = await fetch(`${base}/readyz`).catch(() => null);
    return answer?.ok && ((await answer.json()) as { store: { ok: boolean } }).store.ok;
  };
  const stop = async () => {
    child.kill('SIGKILL');
    await Promise.allSettled([ended, docker.stop(), agent.stop(), grafana.stop(), store.stop()]);
    await folder.remove();
  };
  try {
    await waitUntil(ready, 'the service to be ready');
  } catch (error) {
    await stop();
    throw error;
  }
  return { base, child, ended, told: () => told, store, grafana, docker, agent, headersOf, ask, stop };
}
