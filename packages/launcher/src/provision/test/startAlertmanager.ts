import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../../stand-ins/src/test/freePort.ts';
import { renderProvisioning } from '../render.ts';
import type { DeepPartial, Values } from '../values.ts';

export interface AlertToPost {
  labels: Record<string, string>;
  annotations?: Record<string, string>;
  /** ISO 8601. */
  startsAt?: string;
  endsAt?: string;
}

export interface AlertSeen {
  labels: Record<string, string>;
  status: { state: string; inhibitedBy: string[] };
}

const PROGRAM = 'prometheus-alertmanager';

/** Why the tests cannot run here; false where they can. */
export const withoutAlertmanager = spawnSync(PROGRAM, ['--version']).error
  ? `not run: ${PROGRAM} is not installed`
  : false;

/** Starts Alertmanager on a free port with the demonstration's rendered configuration and templates. */
export async function startAlertmanager(overrides: DeepPartial<Values>) {
  const folder = await mkdtemp(join(tmpdir(), 'dfr-alertmanager-'));
  const webhookToken = join(folder, 'token');
  await writeFile(webhookToken, 'webhook-token');
  // The webhook must be taken: Alertmanager tries one that fails for 10 s, and flushes the group no more meanwhile.
  const service = createHttpServer((_request, response) => response.end());
  const takes: DeepPartial<Values> = {
    addresses: { service: `127.0.0.1:${await portOf(service)}` },
    files: { webhookToken },
  };
  try {
    await renderProvisioning({ profile: 'demo', out: folder, overrides: { ...takes, ...overrides } });
  } catch (error) {
    service.close();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const listen = `127.0.0.1:${await freePort()}`;
  const args = [
    `--config.file=${join(folder, 'alertmanager/alertmanager.yml')}`,
    `--storage.path=${join(folder, 'data')}`,
    `--web.listen-address=${listen}`,
    '--cluster.listen-address=',
  ];
  const child = spawn(PROGRAM, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    service.closeAllConnections();
    service.close();
    await rm(folder, { recursive: true, force: true });
  };
  const url = `http://${listen}`;
  try {
    await until('Alertmanager answers', async () => (await fetch(`${url}/-/ready`).catch(() => null))?.ok === true);
  } catch (error) {
    await stop();
    throw new Error(`Alertmanager did not start:\n${log}`, { cause: error });
  }
  return {
    stop,
    async post(alerts: AlertToPost[]): Promise<void> {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${url}/api/v2/alerts`, { method: 'POST', headers, body: JSON.stringify(alerts) });
      if (!answer.ok) {
        throw new Error(`Alertmanager refused the alerts: ${answer.status} ${await answer.text()}`);
      }
    },
    async alerts(): Promise<AlertSeen[]> {
      return (await (await fetch(`${url}/api/v2/alerts`)).json()) as AlertSeen[];
    },
  };
}

/** Asks every 100 ms until it is so; throws after 20 s. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await isSo()) {
      return;
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`Waited 20 s in vain: ${what}.`);
}

/** Has the server listen on a port of 127.0.0.1 that the kernel chooses. */
function portOf(server: Server): Promise<number> {
  return new Promise((done, fail) => {
    server.once('error', fail).listen(0, '127.0.0.1', () => done((server.address() as AddressInfo).port));
  });
}
