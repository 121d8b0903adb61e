import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type AppOptions, buildApp } from '../app.ts';
import type { HostConfig } from '../config.ts';
import { type Datasource, parseDatasources } from '../datasources/datasource.ts';
import { writeTestBundle } from './testBundle.ts';
import { freePort } from '../../../stand-ins/src/test/freePort.ts';

export const hostSecret = 'a-secret-of-the-launcher';
export const serviceSecret = 'never-in-the-browser';

export interface TestHost {
  url: string;
  config: HostConfig;
  /** Asks for a link and follows it: the session's cookie. */
  logIn: (login: string) => Promise<string>;
  linkFor: (login: string) => Promise<string>;
  close: () => Promise<void>;
}

export function serviceDatasource(serviceUrl: string): Datasource {
  return parseDatasources([
    {
      uid: 'dfr-ops',
      name: 'DFR Ops',
      type: 'dfr-ops-datasource',
      jsonData: { serviceUrl },
      secureJsonData: { serviceSecret },
    },
  ])[0] as Datasource;
}

/** The whole host on a free port of loopback, with a bundle of plugin.json files and folders of its own. */
export async function startTestHost(
  datasources: Datasource[],
  options: AppOptions = {},
  overrides: Partial<HostConfig> = {}
): Promise<TestHost> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dfr-host-'));
  await writeTestBundle(path.join(folder, 'bundle'));
  await writePage(path.join(folder, 'page'));
  await mkdir(path.join(folder, 'dashboards'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config: HostConfig = {
    listen: { host: '127.0.0.1', port },
    access: 'links',
    audience: 'org:1',
    passwordFile: path.join(folder, 'data', 'console-passwords.json'),
    publicUrl: url,
    secret: hostSecret,
    bundleDir: path.join(folder, 'bundle'),
    dashboardsDir: path.join(folder, 'dashboards'),
    dataDir: path.join(folder, 'data'),
    datasources,
    banner: '',
    pageDir: path.join(folder, 'page'),
    ...overrides,
  };
  const app = await buildApp(config, options);
  await app.listen(config.listen);
  const linkFor = (login: string) => makeLink(url, login);
  return {
    url,
    config,
    linkFor,
    logIn: async (login) => sessionCookie(await fetch(await linkFor(login), { redirect: 'manual' })),
    close: async () => {
      await app.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** The cookie that the answer to a login sets, as a request sends it back; empty when it sets none. */
export function sessionCookie(answer: Response): string {
  const cookie = answer.headers.getSetCookie().find((line) => line.startsWith('dfr_host_session'));
  return cookie?.split(';')[0] ?? '';
}

async function makeLink(url: string, login: string): Promise<string> {
  const answer = await fetch(`${url}/api/host/login-tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-host-secret': hostSecret },
    body: JSON.stringify({ login }),
  });
  return ((await answer.json()) as { url: string }).url;
}

async function writePage(folder: string): Promise<void> {
  await mkdir(path.join(folder, 'assets'), { recursive: true });
  await writeFile(path.join(folder, 'entry.json'), JSON.stringify({ scripts: ['/public/host/host.js'], styles: [] }));
}
