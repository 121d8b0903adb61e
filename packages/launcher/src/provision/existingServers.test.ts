import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { freePort } from '../../../stand-ins/src/test/freePort.ts';
import { findDrift } from './drift.ts';
import { mergeAlertmanager } from './alertmanagerFragment.ts';
import { renderProvisioning } from './render.ts';
import { until } from './test/startAlertmanager.ts';

const folder = await mkdtemp(join(tmpdir(), 'dfr-existing-'));
const children: ChildProcess[] = [];
after(async () => {
  children.forEach((child) => child.kill('SIGKILL'));
  await Promise.all(children.map((child) => child.exitCode ?? new Promise((done) => child.once('exit', done))));
  await rm(folder, { recursive: true, force: true });
});

const dfr = join(folder, 'dfr');
const foreignTree = join(folder, 'alertmanager.yml');
await writeFile(
  foreignTree,
  `# The team's own.
route:
  receiver: team
  group_by: [alertname]
  routes:
    # Nights.
    - matchers: ['severity="critical"']
      receiver: pager
receivers:
  - name: team
  - name: pager
inhibit_rules:
  - source_matchers: ['alertname="ClusterDown"']
    target_matchers: ['severity="warning"']
    equal: [cluster]
`
);
const missing = (program: string) =>
  spawnSync(program, ['--version']).error ? `not run: ${program} is not installed` : false;
await renderProvisioning({
  profile: 'production',
  out: dfr,
  only: ['prometheus', 'alertmanager', 'loki', 'grafana'],
  into: foreignTree,
});

function run(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 30_000 });
  assert.equal(status, 0, `${program} ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

test('only what the four servers take is written, and none of it drifts', async () => {
  const files = (await readdir(dfr, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const folders = new Set(files.map((entry) => entry.parentPath.slice(dfr.length + 1)));
  assert.deepEqual([...folders].sort(), [
    '',
    'alertmanager',
    'alertmanager/templates',
    'datasources',
    'loki/rules/fake',
    'plugins',
    'prometheus',
    'prometheus/rules',
  ]);
  assert.deepEqual((await findDrift({ dir: dfr })).drifts, []);
});

/** The scrape jobs by the version's own way: files that are included, or, before 2.43, a copy. */
async function foreignPrometheus(): Promise<string> {
  const fragment = join(dfr, 'prometheus/scrape_configs.yaml');
  const own = {
    global: { scrape_interval: '1m', evaluation_interval: '1m', external_labels: { cluster: 'theirs' } },
    rule_files: [join(dfr, 'prometheus/rules/*.yaml')],
    alerting: {
      // docs/existing-servers.md: an external label would make another alert of ours.
      alert_relabel_configs: [
        {
          source_labels: ['country', 'env', 'component'],
          regex: 'SLE;production;.+',
          target_label: 'cluster',
          replacement: '',
        },
      ],
    },
    scrape_configs: [{ job_name: 'prometheus', static_configs: [{ targets: ['127.0.0.1:9'] }] }],
  };
  const file = join(folder, 'prometheus.yml');
  await writeFile(file, stringify({ ...own, scrape_config_files: [fragment] }));
  if (spawnSync('promtool', ['check', 'config', '--syntax-only', file]).status !== 0) {
    const { scrape_configs } = parse(await readFile(fragment, 'utf8')) as { scrape_configs: object[] };
    await writeFile(file, stringify({ ...own, scrape_configs: [...own.scrape_configs, ...scrape_configs] }));
  }
  return file;
}

test('a Prometheus of others takes rules and jobs, at our intervals', { skip: missing('prometheus') }, async () => {
  const file = await foreignPrometheus();
  run('promtool', 'check', 'config', '--syntax-only', file);
  const address = `127.0.0.1:${await freePort()}`;
  const data = join(folder, 'data');
  children.push(
    spawn('prometheus', [`--config.file=${file}`, `--storage.tsdb.path=${data}`, `--web.listen-address=${address}`], {
      stdio: 'ignore',
    })
  );
  const ask = async (path: string) =>
    ((await (await fetch(`http://${address}/api/v1/${path}`)).json()) as { data: unknown }).data;
  await until(
    'Prometheus answers',
    async () => (await fetch(`http://${address}/-/ready`).catch(() => null))?.ok === true
  );
  const { groups } = (await ask('rules')) as { groups: Array<{ interval: number; rules: Array<{ name: string }> }> };
  const names = groups.flatMap(({ rules }) => rules.map(({ name }) => name));
  assert.ok(names.includes('OdooDown') && names.includes('Watchdog'));
  assert.deepEqual([...new Set(groups.map(({ interval }) => interval))].sort(), [15, 30, 60]);
  const intervalsOf = async (jobs: string[]) => {
    const { activeTargets } = (await ask('targets?state=active')) as {
      activeTargets: Array<{ scrapePool: string; scrapeInterval: string }>;
    };
    return jobs.map((job) => `${job} ${activeTargets.find((one) => one.scrapePool === job)?.scrapeInterval}`).join();
  };
  const jobs = ['prometheus', 'dfr_prometheus', 'dfr_odoo_probe', 'dfr_host_nodes'];
  const wanted = 'prometheus 1m,dfr_prometheus 30s,dfr_odoo_probe 15s,dfr_host_nodes 30s';
  await until(`the jobs are ${wanted}`, async () => (await intervalsOf(jobs)) === wanted);
});

const merged = join(dfr, 'alertmanager/alertmanager.yml');
const ours = ['country=SLE', 'env=production', 'component=availability'];

test('an Alertmanager of others takes our tree below its own', { skip: missing('amtool') }, async () => {
  run('amtool', 'check-config', merged);
  const receiver = (...labels: string[]) =>
    run('amtool', 'config', 'routes', 'test', `--config.file=${merged}`, ...labels).trim();
  assert.equal(receiver('alertname=OdooDown', 'severity=critical', ...ours), 'dfr-email-and-sms');
  assert.equal(receiver('alertname=LowDiskSpace', 'severity=warning', ...ours), 'dfr-service,dfr-email-warning');
  assert.equal(receiver('alertname=OdooDown', 'severity=critical', 'country=XXX', 'env=production'), 'pager');
  assert.equal(receiver('alertname=Anything', 'severity=warning'), 'team');
  assert.match(await readFile(merged, 'utf8'), /# Nights\.\n {4}- matchers: \[ ?'severity="critical"' ?\]/);
});

test(
  'other people’s alerts are not silenced by our inhibition',
  { skip: missing('prometheus-alertmanager') },
  async () => {
    const address = `127.0.0.1:${await freePort()}`;
    await mkdir(join(folder, 'am'));
    children.push(
      spawn(
        'prometheus-alertmanager',
        [
          `--config.file=${merged}`,
          `--storage.path=${join(folder, 'am')}`,
          `--web.listen-address=${address}`,
          '--cluster.listen-address=',
        ],
        { stdio: 'ignore' }
      )
    );
    await until(
      'Alertmanager answers',
      async () => (await fetch(`http://${address}/-/ready`).catch(() => null))?.ok === true
    );
    const where = { country: 'SLE', env: 'production', component: 'x', severity: 'warning' };
    const alerts = [{}, where].flatMap((labels) =>
      ['PostgresDown', 'PostgresDeadlocks'].map((alertname) => ({ labels: { ...labels, alertname } }))
    );
    const url = `http://${address}/api/v2/alerts`;
    const headers = { 'content-type': 'application/json' };
    assert.ok((await fetch(url, { method: 'POST', headers, body: JSON.stringify(alerts) })).ok);
    type Seen = Array<{ labels: Record<string, string>; status: { state: string } }>;
    const states = async () =>
      ((await (await fetch(url)).json()) as Seen)
        .map(({ labels, status }) => `${labels['country'] ?? 'theirs'} ${labels['alertname']} ${status.state}`)
        .sort();
    const wanted = [
      'SLE PostgresDeadlocks suppressed',
      'SLE PostgresDown active',
      'theirs PostgresDeadlocks active',
      'theirs PostgresDown active',
    ];
    // Their root waits for 30 s before it looks; ours for 2 min. The API asks the inhibition itself.
    await until(`the alerts are ${wanted.join(', ')}`, async () => (await states()).join() === wanted.join());
  }
);

test('a tree that has our part already, or no route, is refused', async () => {
  const fragment = await readFile(join(dfr, 'alertmanager/dfr.yaml'), 'utf8');
  const own = await readFile(merged, 'utf8');
  assert.throws(() => mergeAlertmanager(own, fragment, 'x'), /has a receiver dfr-email already/);
  assert.throws(() => mergeAlertmanager('receivers: []', fragment, 'x'), /it has no route/);
});
