import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { repoRoot } from '../native/context.ts';
import { freePorts } from './test/freePorts.ts';
import { buildForCompose } from './buildForCompose.ts';
import { engineProblem } from './engine.ts';
import { prepareCompose, type Prepared } from './prepareCompose.ts';
import { readComposeFile, servicesOf } from './test/readComposeFile.ts';

// The first start fetches the images and makes Odoo's database.
const waitSeconds = 1200;
const root = mkdtempSync(join(tmpdir(), 'dfr-compose-up-'));
const problem = engineProblem();
let up = false;

after(() => {
  if (up) {
    compose('down', '--volumes', '--timeout', '10');
  }
  rmSync(root, { recursive: true, force: true });
});

function compose(...args: string[]) {
  const files = ['--project-directory', repoRoot, '--env-file', join(root, '.env'), '--project-name', 'dfr-ops-test'];
  return spawnSync('docker', ['compose', ...files, ...args], {
    cwd: repoRoot,
    encoding: 'utf8',
    timeout: (waitSeconds + 60) * 1000,
    maxBuffer: 64 * 2 ** 20,
    // A person's own settings are not the test's.
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(DFR_|COMPOSE_)/.test(name))),
  });
}

async function prepare(): Promise<Prepared> {
  const [grafana, page, dfr, mail, sms] = await freePorts(5);
  const ports = { GRAFANA: grafana, CONSOLE: page, DFR: dfr, MAIL: mail, SMS: sms };
  const lines = Object.entries(ports).map(([name, port]) => `DFR_OPS_${name}_PORT=${port}`);
  writeFileSync(join(root, '.env'), [...lines, `DFR_OPS_DIR=${join(root, 'kept')}`, ''].join('\n'));
  const prepared = await prepareCompose({ from: repoRoot, root, profile: 'demo' });
  await buildForCompose(repoRoot, prepared.folder);
  return prepared;
}

test(
  'the demonstration comes up on an engine, every part healthy, every target seen',
  { skip: problem ? `not run: ${problem.part}: ${problem.message}` : false, timeout: (waitSeconds + 300) * 1000 },
  async () => {
    const { settings, secrets } = await prepare();
    up = true;
    const started = compose(
      '--profile',
      'demo',
      'up',
      '--detach',
      '--build',
      '--wait',
      '--wait-timeout',
      `${waitSeconds}`
    );
    assert.equal(started.status, 0, started.stderr.slice(-4000));

    const all = compose('--profile', 'demo', 'ps', '--all', '--format', '{{.Service}} {{.Health}}')
      .stdout.trim()
      .split('\n');
    const expected = servicesOf(readComposeFile(settings), 'demo').map(([name]) => `${name} healthy`);
    assert.deepEqual(all.sort(), expected.sort());

    const grafana = `http://127.0.0.1:${settings['DFR_OPS_GRAFANA_PORT']}`;
    const login = Buffer.from(`admin:${secrets.read('grafana_admin_password')}`).toString('base64');
    const ask = async (path: string): Promise<unknown> => {
      const answer = await fetch(`${grafana}/api/datasources/proxy/uid/${path}`, {
        headers: { authorization: `Basic ${login}` },
      });
      assert.equal(answer.status, 200, `${path}: ${await answer.clone().text()}`);
      return answer.json();
    };
    // What was started last is looked at, and connected to, a moment after it is healthy.
    await untilEmpty('targets that are not up', async () => {
      const { data } = (await ask('dfr-prometheus/api/v1/targets')) as { data: { activeTargets: Target[] } };
      assert.ok(data.activeTargets.length >= 10);
      return data.activeTargets.filter((target) => target.health !== 'up');
    });
    // Through Grafana, so its identity token and the service's secret are right as well.
    await untilEmpty('sources of the service that are not well', async () => {
      const { sources } = (await ask('dfr-ops/read/health')) as { sources: Array<{ name: string; ok: boolean }> };
      return sources.filter((source) => !source.ok);
    });
  }
);

interface Target {
  scrapeUrl: string;
  health: string;
  lastError: string;
}

/** Looks for a minute; fails with what is left then. */
async function untilEmpty(what: string, look: () => Promise<unknown[]>): Promise<void> {
  for (const deadline = Date.now() + 60_000; ; await sleep(1000)) {
    const left = await look();
    if (left.length === 0 || Date.now() > deadline) {
      assert.deepEqual(left, [], what);
      return;
    }
  }
}
