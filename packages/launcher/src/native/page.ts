import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { findGrafana, type GrafanaProgram } from '../grafana/findGrafana.ts';
import { GrafanaApi } from '../grafana/grafanaApi.ts';
import { reachGrafana } from '../grafana/reachGrafana.ts';
import { StartProblem } from '../problem.ts';
import { localUrl } from './context.ts';
import type { Ports } from './ports.ts';

/** What draws the bundle in this stack, and who signs the identity of the people in it. */
export type Page =
  | { kind: 'host'; url: string }
  /** Installed on this machine and started by the launcher. */
  | { kind: 'grafana'; url: string; program: GrafanaProgram }
  /** Runs elsewhere already (GRAFANA_URL): only used, and set up through its API. */
  | {
      kind: 'foreign-grafana';
      url: string;
      rootUrl: string;
      api: GrafanaApi;
      admin: { user: string; passwordFile: string };
    };

/** The Grafana that GRAFANA_URL names, else the one that is installed, else the stand-in host. */
export async function choosePage(ports: Ports, env: NodeJS.ProcessEnv = process.env): Promise<Page> {
  const url = localUrl(ports.host);
  if (env['GRAFANA_URL']) {
    return foreignGrafana(env['GRAFANA_URL'], env);
  }
  const program = findGrafana(env);
  return program ? { kind: 'grafana', url, program } : { kind: 'host', url };
}

/** The address under which people see it, and which stands in identity tokens as their issuer, without a slash. */
export function publicUrlOf(page: Page): string {
  return page.kind === 'foreign-grafana' ? page.rootUrl : page.url;
}

async function foreignGrafana(given: string, env: NodeJS.ProcessEnv): Promise<Page> {
  const url = given.replace(/\/+$/, '');
  const { passwordFile, password } = readPassword(env);
  const user = env['GRAFANA_USER'] || 'admin';
  const api = new GrafanaApi(url, { user, password });
  return { kind: 'foreign-grafana', url, rootUrl: await reachGrafana(url, api), api, admin: { user, passwordFile } };
}

function readPassword(env: NodeJS.ProcessEnv): { passwordFile: string; password: string } {
  const file = env['GRAFANA_PASSWORD_FILE'];
  if (!file) {
    throw new StartProblem(
      'Grafana',
      'GRAFANA_URL is set, and nothing says how to sign in there',
      'Set GRAFANA_PASSWORD_FILE to a file with the password of its server administrator (and GRAFANA_USER when that is not admin).'
    );
  }
  try {
    return { passwordFile: resolve(file), password: readFileSync(file, 'utf8').trim() };
  } catch (error) {
    throw new StartProblem(
      'Grafana',
      `GRAFANA_PASSWORD_FILE cannot be read (${(error as Error).message})`,
      'Name a file that this user may read.',
      {
        error,
      }
    );
  }
}
