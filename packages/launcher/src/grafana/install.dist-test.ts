/** The zip on a real Grafana: installed, upgraded, taken away. It needs the real build, in `dist`. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { repoRoot } from '../native/context.ts';
import { readBundle } from '../package/readBundle.ts';
import { writePackage } from '../package/writePackage.ts';
import { findGrafana, type GrafanaProgram } from './findGrafana.ts';
import { pluginIds } from './grafanaEnvironment.ts';
import { startTestGrafana, type TestGrafana } from './startTestGrafana.ts';

const program = findGrafana();
const folder = await mkdtemp(join(tmpdir(), 'dfr-install-'));
after(() => rm(folder, { recursive: true, force: true }));

const provisioned = {
  uid: 'dfr-ops',
  name: 'DFR Ops',
  type: 'dfr-ops-datasource',
  access: 'proxy',
  jsonData: { serviceUrl: 'http://127.0.0.1:9' },
  secureJsonData: { serviceSecret: 'from-a-file' },
};
type Found = { uid: string };
type Settings = { enabled: boolean; jsonData: object | null; info: { version: string } };

test(
  'installed from its zip, upgraded, taken away again',
  { skip: !program && 'no Grafana is installed', timeout: 170_000 },
  async () => {
    const grafana = program as GrafanaProgram;
    const [version, next] = ['0.1.0', '0.1.1'] as const;
    const zips = await serve({ '/first.zip': await zipOf(version), '/next.zip': await zipOf(next) });
    const start = (provisionApp = true) =>
      startTestGrafana(grafana, { datasources: provisionApp ? [provisioned] : [], folder, provisionApp });
    const settings = ({ api }: TestGrafana) => api.get<Settings>('/api/plugins/dfr-ops-app/settings');
    const dashboards = async ({ api }: TestGrafana) =>
      (await api.get<Found[]>('/api/search?type=dash-db')).map(({ uid }) => uid).sort();
    let running: TestGrafana | undefined;
    try {
      await cli(grafana, ['--pluginUrl', `${zips.url}/first.zip`, 'plugins', 'install', 'dfr-ops-app']);
      running = await start();
      assert.equal((await settings(running)).info.version, version);
      assert.equal((await settings(running)).enabled, true);
      for (const id of pluginIds) {
        assert.ok(await running.api.find(`/api/plugins/${id}/settings`), id);
      }
      const imported = await dashboards(running);
      assert.ok(imported.includes('dfr-overview'), imported.join());

      await running.api.post('/api/plugins/dfr-ops-app/settings', {
        enabled: true,
        pinned: true,
        jsonData: { kept: 1 },
      });
      await running.api.post('/api/datasources', { ...provisioned, uid: 'by-hand', name: 'By hand' });
      const panel = { id: 1, type: 'dfr-alerts-panel', title: 'Alerts', gridPos: { x: 0, y: 0, w: 12, h: 8 } };
      await running.api.post('/api/dashboards/db', { dashboard: { uid: 'own', title: 'Own', panels: [panel] } });
      await running.close();

      await cli(grafana, ['--pluginUrl', `${zips.url}/next.zip`, 'plugins', 'install', 'dfr-ops-app']);
      running = await start();
      assert.equal((await settings(running)).info.version, next);
      assert.deepEqual((await settings(running)).jsonData, { kept: 1 });
      const byHand = await running.api.get<{ secureJsonFields: object; jsonData: object }>(
        '/api/datasources/uid/by-hand'
      );
      assert.deepEqual(byHand.secureJsonFields, { serviceSecret: true });
      assert.deepEqual(byHand.jsonData, provisioned.jsonData);
      assert.deepEqual(await dashboards(running), [...imported, 'own'].sort());

      await running.api.post('/api/plugins/dfr-ops-app/settings', { enabled: false });
      const last = running;
      await until(async () => (await dashboards(last)).join() === 'own');
      await running.close();
      await cli(grafana, ['plugins', 'remove', 'dfr-ops-app']);
      assert.deepEqual(readdirSync(join(folder, 'plugins')), []);
      running = await start(false);
      assert.equal(await running.api.find('/api/plugins/dfr-ops-app/settings'), null);
      assert.deepEqual(await dashboards(running), ['own']);
      await running.close();
    } finally {
      zips.close();
    }
  }
);

/** The build's zip as a release of this version. */
async function zipOf(version: string): Promise<Buffer> {
  const dist = join(folder, `dist-${version}`);
  await cp(join(repoRoot, 'dist'), dist, { recursive: true });
  for (const part of ['', 'datasource', 'alerts-panel', 'actions-panel']) {
    const file = join(dist, part, 'plugin.json');
    const json = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...json, info: { ...json.info, version } }));
  }
  return readFile((await writePackage(readBundle(dist), join(folder, `out-${version}`))).zip);
}

async function serve(files: Record<string, Buffer>): Promise<{ url: string; close: () => void }> {
  const server: Server = createServer((request, response) => {
    const file = files[request.url ?? ''];
    response.writeHead(file ? 200 : 404, { 'content-type': 'application/zip' }).end(file);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

/** `grafana cli` as an administrator calls it. */
async function cli(grafana: GrafanaProgram, args: string[]): Promise<void> {
  const command = grafana.command.replace(/-server$/, '-cli');
  const head = command === grafana.command ? ['cli'] : [];
  await promisify(execFile)(
    command,
    [...head, '--homepath', grafana.home, '--pluginsDir', join(folder, 'plugins'), ...args],
    { timeout: 60_000 }
  );
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    if (await holds()) {
      return;
    }
    await new Promise((tick) => setTimeout(tick, 200));
  }
  assert.fail('it did not come to hold within 10 s');
}
