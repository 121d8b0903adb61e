import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { answers } from '../httpProbe.ts';
import type { GrafanaProgram } from './findGrafana.ts';
import { grafanaEnvironment } from './grafanaEnvironment.ts';
import { GrafanaApi } from './grafanaApi.ts';
import { ensurePerson, people } from './people.ts';
import { freePort } from '../../../stand-ins/src/test/freePort.ts';

const password = 'only-for-this-test';

export interface TestGrafana {
  url: string;
  api: GrafanaApi;
  /** The end of what it has logged. */
  said: () => string;
  /** Cookie of a new session of this person. */
  logIn: (login: string) => Promise<string>;
  close: () => Promise<void>;
}

/** A real Grafana on a free port of loopback, set up from files in a folder of its own, with the demonstration's people. */
export async function startTestGrafana(
  program: GrafanaProgram,
  options: {
    datasources: object[];
    /** Puts the bundle into this folder, which is the plugins' `dfr-ops-app`. Left out: what is there stays. */
    install?: (folder: string) => Promise<void>;
    /** Kept from start to start; without it, a new one that goes with this Grafana. */
    folder?: string;
    /** Whether files say that the app is enabled; true when left out. */
    provisionApp?: boolean;
    env?: Record<string, string>;
  }
): Promise<TestGrafana> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'dfr-grafana-')));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await options.install?.(join(folder, 'plugins/dfr-ops-app'));
  await provision(folder, options.datasources, options.provisionApp ?? true);
  const env = grafanaEnvironment({
    listen: { host: '127.0.0.1', port },
    rootUrl: url,
    dataDir: folder,
    logsDir: join(folder, 'log'),
    pluginsDir: join(folder, 'plugins'),
    provisioningDir: join(folder, 'provisioning'),
    adminPasswordFile: join(folder, 'password'),
    secretKeyFile: join(folder, 'password'),
  });
  const child = spawn(program.command, [...program.args, '--homepath', program.home], {
    cwd: program.home,
    env: { PATH: process.env['PATH'], HOME: folder, ...env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-20_000)));
  }
  const close = async () => {
    await stop(child);
    if (!options.folder) {
      await rm(folder, { recursive: true, force: true });
    }
  };
  try {
    await waitForHealth(url, child, () => said);
    const api = new GrafanaApi(url, { user: 'admin', password });
    for (const { login, role } of people.filter((person) => person.login !== 'admin')) {
      await ensurePerson(api, { login, role, password });
    }
    return { url, api, said: () => said, logIn: (login) => sessionOf(url, login), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function provision(folder: string, datasources: object[], app: boolean): Promise<void> {
  await mkdir(join(folder, 'provisioning/datasources'), { recursive: true });
  await mkdir(join(folder, 'provisioning/plugins'), { recursive: true });
  await writeFile(join(folder, 'password'), password, { mode: 0o600 });
  await writeFile(join(folder, 'provisioning/datasources/test.yaml'), stringify({ apiVersion: 1, datasources }));
  const apps = await readFile(join(import.meta.dirname, '../../../../provisioning/plugins/app.yaml'), 'utf8');
  await writeFile(join(folder, 'provisioning/plugins/app.yaml'), app ? apps : stringify({ apiVersion: 1, apps: [] }));
}

async function waitForHealth(url: string, child: ChildProcess, said: () => string): Promise<void> {
  const deadline = Date.now() + 180_000;
  while (child.exitCode === null && Date.now() < deadline) {
    if (await answers(`${url}/api/health`, { status: 200 })) {
      return;
    }
    await sleep(200);
  }
  throw new Error(`Grafana did not come up. Its last words:\n${said()}`);
}

async function sessionOf(url: string, login: string): Promise<string> {
  const answer = await fetch(`${url}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: login, password }),
  });
  const cookie = answer.headers.getSetCookie().find((line) => line.startsWith('grafana_session='));
  if (!cookie) {
    throw new Error(`Grafana does not let ${login} in: ${answer.status} ${await answer.text()}`);
  }
  return cookie.split(';')[0] ?? '';
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await Promise.race([ended, sleep(10_000).then(() => child.kill('SIGKILL'))]);
  }
}
