import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { examine, type Check, type Finding } from '../check.ts';
import type { Installation } from '../installation.ts';
import { installationAt, startFakeServer, Status } from '../test/fakeServer.ts';
import {
  alertmanagersCheck,
  certificatesCheck,
  prometheusRulesCheck,
  signalsCheck,
  targetsCheck,
  watchdogFiresCheck,
} from './prometheus.ts';

let folder = '';
let server: Awaited<ReturnType<typeof startFakeServer>>;
let installation: Installation;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dfr-ops-doctor-test-'));
  await mkdir(join(folder, 'prometheus/rules'), { recursive: true });
  const jobs = ['a', 'b', 'empty'].map((job) => ({
    job_name: job,
    static_configs: [{ targets: job === 'empty' ? [] : ['x:1'] }],
  }));
  await writeFile(join(folder, 'prometheus/prometheus.yml'), JSON.stringify({ scrape_configs: jobs }));
  const rules = [
    { record: 'r', expr: 'sum(x)' },
    { alert: 'A', expr: 'r > 1', for: '2m' },
  ];
  await writeFile(join(folder, 'prometheus/rules/odoo.yaml'), JSON.stringify({ groups: [{ name: 'odoo', rules }] }));
  server = await startFakeServer();
  installation = installationAt(server, folder);
});
after(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function look(check: (installation: Installation) => Check, path: string, answer: unknown): Promise<Finding[]> {
  server.answers[path] = () => answer;
  return (await examine([{ title: '', checks: [check(installation)] }]))[0]!.findings;
}
const states = (findings: Finding[]) => findings.map(({ state }) => state);

const target = (job: string, more: object = {}) => ({
  labels: { job },
  scrapeUrl: 'http://127.0.0.1:1/metrics',
  health: 'up',
  lastError: '',
  lastScrape: new Date().toISOString(),
  ...more,
});
const targets = (...activeTargets: object[]) => ({ status: 'success', data: { activeTargets } });

test('targets: by job; down, missing and long not scraped are told', async () => {
  const path = '/api/v1/targets';
  assert.deepEqual(states(await look(targetsCheck, path, targets(target('a'), target('b')))), ['ok', 'ok']);
  const down = await look(targetsCheck, path, targets(target('a', { health: 'down', lastError: 'refused' })));
  assert.deepEqual(states(down), ['failed', 'failed']);
  assert.match(down[0]!.text, /1 of 1 not up: .*refused/);
  assert.match(down[1]!.text, /no target/);
  const young = await look(targetsCheck, path, targets(target('a', { health: 'unknown' }), target('b')));
  assert.deepEqual(states(young), ['warning', 'ok']);
  const old = target('b', { lastScrape: new Date(Date.now() - 600_000).toISOString() });
  assert.deepEqual(states(await look(targetsCheck, path, targets(target('a'), old))), ['ok', 'failed']);
  const [broken] = await look(targetsCheck, path, new Status(503, 'starting'));
  assert.match(`${broken!.state} ${broken!.text}`, /^failed Prometheus answered 503 \(starting\)/);
});

const rule = (name: string, query: string, more: object = {}) => ({ name, query, health: 'ok', duration: 0, ...more });
const rulesAnswer = (...rules: object[]) => ({ status: 'success', data: { groups: [{ name: 'odoo', rules }] } });

test('rules: those that were rendered are well; drift and errors of evaluation are told', async () => {
  const path = '/api/v1/rules';
  server.answers['/api/v1/format_query'] = ({ query }) => ({ data: query.get('query') });
  const alert = rule('A', 'r > 1', { duration: 120 });
  assert.deepEqual(states(await look(prometheusRulesCheck, path, rulesAnswer(rule('r', 'sum(x)'), alert))), [
    'ok',
    'ok',
  ]);
  const failing = { health: 'err', lastError: 'many-to-many' };
  const [drift, evaluation] = await look(prometheusRulesCheck, path, rulesAnswer(rule('r', 'sum(y)', failing)));
  assert.match(drift!.text, /2 differ .*odoo\/A \(missing\), odoo\/r \(another expression\)/);
  assert.match(`${evaluation!.state} ${evaluation!.text}`, /^failed 1 fail: r: many-to-many/);
  const young = await look(prometheusRulesCheck, path, rulesAnswer(rule('r', 'sum(x)', { health: 'unknown' }), alert));
  assert.deepEqual(states(young), ['ok', 'warning']);
});

test('Alertmanagers and Watchdog', async () => {
  const known = (...urls: string[]) => ({ data: { activeAlertmanagers: urls.map((url) => ({ url })) } });
  assert.deepEqual(
    states(await look(alertmanagersCheck, '/api/v1/alertmanagers', known('http://h:9093/api/v2/alerts'))),
    ['ok']
  );
  assert.deepEqual(states(await look(alertmanagersCheck, '/api/v1/alertmanagers', known())), ['failed']);
  installation.alertmanagers.push(server.as('Alertmanager 2'));
  const [one] = await look(alertmanagersCheck, '/api/v1/alertmanagers', known('http://h:9093/api/v2/alerts'));
  installation.alertmanagers.pop();
  assert.match(`${one!.state} ${one!.text}`, /^failed It tells 1 of 2/);
  const alerts = (...all: object[]) => ({ data: { alerts: all } });
  const watchdog = { labels: { alertname: 'Watchdog' }, state: 'firing' };
  assert.deepEqual(states(await look(watchdogFiresCheck, '/api/v1/alerts', alerts(watchdog))), ['ok']);
  assert.deepEqual(
    states(await look(watchdogFiresCheck, '/api/v1/alerts', alerts({ ...watchdog, state: 'pending' }))),
    ['failed']
  );
});

test('certificates and what is watched', async () => {
  const vector = (...all: Array<[Record<string, string>, string]>) => ({
    data: { result: all.map(([metric, value]) => ({ metric, value: [0, value] })) },
  });
  const days = (text: string) => vector([{ instance: 'dfr.example:443' }, text]);
  const path = '/api/v1/query';
  assert.deepEqual(states(await look(certificatesCheck, path, days('60'))), ['ok']);
  assert.deepEqual(states(await look(certificatesCheck, path, days('9.5'))), ['warning']);
  assert.deepEqual(states(await look(certificatesCheck, path, days('2.9'))), ['failed']);
  assert.match((await look(certificatesCheck, path, days('-1')))[0]!.text, /expired/);
  assert.match((await look(certificatesCheck, path, vector()))[0]!.text, /^Not checked, because/);
  assert.deepEqual(states(await look(signalsCheck, path, vector())), ['ok']);
  const [down] = await look(signalsCheck, path, vector([{ instance: 'dfr_odoo_prod', probe: 'health' }, '0']));
  assert.match(`${down!.state} ${down!.text}`, /^failed .*dfr_odoo_prod \(probe health\)/);
});
