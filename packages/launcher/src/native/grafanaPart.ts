import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { grafanaEnvironment } from '../grafana/grafanaEnvironment.ts';
import { GrafanaApi } from '../grafana/grafanaApi.ts';
import { ensurePerson, people } from '../grafana/people.ts';
import { provisionDatasources, type ProvisionedDatasource } from '../grafana/provisionDatasources.ts';
import { answers } from '../httpProbe.ts';
import { StartProblem } from '../problem.ts';
import { local, newProcess, rendered, repoRoot, type Context } from './context.ts';
import { privateFolder } from './dataFolders.ts';
import type { Page } from './page.ts';
import type { Part } from './startParts.ts';
import { stopStage } from './supervisor.ts';

/** Databases are migrated at the first start: on a slow machine that takes a minute. */
const startSeconds = 180;

/** A Grafana of our own: set up from files alone, then given the demonstration's people. */
export function ownGrafana(context: Context, page: Extract<Page, { kind: 'grafana' }>): Part {
  const { ports, folders, secrets } = context;
  const pluginsDir = join(folders.of('grafana'), 'plugins');
  const env = grafanaEnvironment({
    listen: { host: '127.0.0.1', port: ports.host },
    rootUrl: page.url,
    dataDir: privateFolder(folders.of('grafana')),
    logsDir: join(folders.of('grafana'), 'log'),
    pluginsDir,
    provisioningDir: folders.config,
    adminPasswordFile: secrets.file('grafana-admin'),
    secretKeyFile: secrets.file('grafana-secret-key'),
  });
  const { command, args, home } = page.program;
  const child = newProcess(
    context,
    { name: 'grafana', command, args: [...args, '--homepath', home], env, cwd: home, restart: 'backoff' },
    stopStage.ops
  );
  return {
    title: 'page',
    needs: ['plugin bundle'],
    start: async () => {
      // It reports the folders that it looks into and does not find as errors.
      ['dashboards', 'alerting'].forEach((name) => mkdirSync(join(folders.config, name), { recursive: true }));
      rmSync(pluginsDir, { recursive: true, force: true });
      cpSync(join(repoRoot, 'dist'), join(pluginsDir, 'dfr-ops-app'), { recursive: true });
      child.start();
      await child.waitUntil(() => answers(`${page.url}/api/health`, { status: 200 }), startSeconds);
      const api = new GrafanaApi(page.url, { user: 'admin', password: secrets.read('grafana-admin') });
      await makePeople(context, api);
      return `${local(ports.host)}, Grafana ${await versionOf(api)}`;
    },
  };
}

/** Somebody's Grafana that runs already: its datasources of our uids and the demonstration's people are set through its API. */
export function foreignGrafana(context: Context, page: Extract<Page, { kind: 'foreign-grafana' }>): Part {
  return {
    title: 'page',
    needs: ['action service'],
    start: async () => {
      const file = rendered(context, 'datasources/dfr.yaml');
      const { datasources } = parse(readFileSync(file, 'utf8')) as { datasources: ProvisionedDatasource[] };
      await page.api.post('/api/plugins/dfr-ops-app/settings', { enabled: true, pinned: true });
      await provisionDatasources(page.api, datasources);
      await makePeople(context, page.api);
      return `${page.url}, Grafana ${await versionOf(page.api)}`;
    },
  };
}

async function makePeople(context: Context, api: GrafanaApi): Promise<void> {
  for (const { login, role } of people) {
    const password = context.secrets.read(`grafana-${login}`);
    // The administrator of a Grafana is its own business, and was made with this password when it is ours.
    if (login !== 'admin') {
      await ensurePerson(api, { login, role, password });
    }
  }
}

async function versionOf(api: GrafanaApi): Promise<string> {
  const health = await api.get<{ version?: string; database: string }>('/api/health');
  if (health.database !== 'ok') {
    throw new StartProblem('Grafana', `its database is ${health.database}`, 'See logs/grafana.log in the data folder.');
  }
  return health.version ?? 'of an unknown version';
}
