import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ValuesError, loadValues } from './loadValues.ts';
import { provisioningFolder } from './render.ts';
import { durationMs } from './values.ts';

const folders: string[] = [];
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** A copy of the values with one text replaced. */
async function edited(file: string, from: string, to: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dfr-values-'));
  folders.push(folder);
  await cp(join(provisioningFolder, 'values'), join(folder, 'values'), { recursive: true });
  const path = join(folder, 'values', file);
  const text = await readFile(path, 'utf8');
  assert.ok(text.includes(from), `${file} no longer has "${from}"`);
  await writeFile(
    path,
    text.replace(from, () => to)
  );
  return folder;
}

async function problemsOf(folder: string, profile: 'production' | 'demo', overrides = {}): Promise<string[]> {
  const error = await loadValues(folder, profile, overrides).then(
    () => assert.fail('the values were taken'),
    (reason: unknown) => reason
  );
  assert.ok(error instanceof ValuesError, String(error));
  return error.problems;
}

async function lineOf(file: string, text: string): Promise<number> {
  const lines = (await readFile(join(provisioningFolder, 'values', file), 'utf8')).split('\n');
  return lines.findIndex((line) => line.includes(text)) + 1;
}

test('the demonstration lays its values over production’s', async () => {
  const production = await loadValues(provisioningFolder, 'production');
  const demo = await loadValues(provisioningFolder, 'demo');
  assert.equal(production.alerts.OdooDown.for, '2m');
  assert.equal(demo.alerts.OdooDown.for, '2s');
  assert.equal(
    demo.alerts.PostgresTooManyConnections.threshold,
    production.alerts.PostgresTooManyConnections.threshold
  );
  assert.equal(demo.site.country, production.site.country);
});

test('overrides come last, and lists are replaced as a whole', async () => {
  const values = await loadValues(provisioningFolder, 'demo', {
    addresses: { odoo: '127.0.0.1:1234' },
    receivers: { smsAlso: [] },
  });
  assert.equal(values.addresses.odoo, '127.0.0.1:1234');
  assert.deepEqual(values.receivers.smsAlso, []);
});

test('a wrong value is refused with its line and the reason', async () => {
  const folder = await edited('production.yaml', 'threshold: 0.8,', 'threshold: 80,');
  const line = await lineOf('production.yaml', 'PostgresTooManyConnections: {');
  assert.deepEqual(await problemsOf(folder, 'production'), [
    `production.yaml:${line}: alerts.PostgresTooManyConnections.threshold: A share: between 0 and 1, e.g. 0.8 for 80 %.`,
  ]);
});

test('logs are kept for a day at least, and a query may ask for what the logs page shows', async () => {
  assert.deepEqual(
    await problemsOf(provisioningFolder, 'production', { loki: { retention: '12h', maxEntries: 100 } }),
    [
      'overrides: loki.retention: At least 24h: Loki deletes whole days.',
      'overrides: loki.maxEntries: The logs page asks for 500 lines at once.',
    ]
  );
});

test('a value that does not exist is refused where it stands', async () => {
  const folder = await edited('demo.yaml', 'OdooDown: { for: 2s }', 'OdooDown: { fro: 2s }');
  const line = await lineOf('demo.yaml', 'OdooDown: {');
  assert.deepEqual(await problemsOf(folder, 'demo'), [
    `demo.yaml:${line}: alerts.OdooDown.fro: There is no such value.`,
  ]);
});

test('a missing value is named with the place of what should hold it', async () => {
  const folder = await edited('production.yaml', '  env: production\n', '');
  const line = await lineOf('production.yaml', 'country: SLE');
  const [problem] = await problemsOf(folder, 'production');
  assert.match(problem ?? '', new RegExp(`^production.yaml:(${line}|${line - 1}): site.env: `));
});

test('a wrong override is named as one', async () => {
  const [problem] = await problemsOf(provisioningFolder, 'demo', { addresses: { odoo: 'somewhere' } });
  assert.equal(problem, 'overrides: addresses.odoo: Write host:port, e.g. 127.0.0.1:9090.');
});

test('text that would break out of its quotes is refused', async () => {
  const [problem] = await problemsOf(provisioningFolder, 'demo', {
    receivers: { mail: { username: "x'\nroute: {}" } },
  });
  assert.match(problem ?? '', /^overrides: receivers.mail.username: Quotes, /);
});

test('broken YAML is refused with its line', async () => {
  const folder = await edited('production.yaml', 'site:', 'site: {');
  assert.match((await problemsOf(folder, 'production'))[0] ?? '', /^production.yaml:\d+: /);
});

test('values that contradict each other are refused', async () => {
  const timeout = await problemsOf(provisioningFolder, 'demo', { prometheus: { scrapeTimeout: '2s' } });
  assert.match(timeout[0] ?? '', /scrapeTimeout: It must not be longer/);
  const seldom = await problemsOf(provisioningFolder, 'demo', { prometheus: { slowEvaluationInterval: '3m' } });
  assert.match(seldom[0] ?? '', /slowEvaluationInterval: It must be at most 2m/);
  const hold = await problemsOf(provisioningFolder, 'production', { prometheus: { hold: '2m' } });
  assert.match(hold[0] ?? '', /hold: It must be longer than alerts.OdooDown.for/);
  const window = await problemsOf(provisioningFolder, 'demo', { alerts: { NginxHigh5xxErrorRate: { window: '3s' } } });
  assert.match(window[0] ?? '', /NginxHigh5xxErrorRate.window: A rate needs at least four scrapes/);
  const slow = await problemsOf(provisioningFolder, 'demo', { alerts: { ContainerRestarting: { window: '19s' } } });
  assert.match(slow[0] ?? '', /ContainerRestarting.window: A rate needs at least four scrapes \(4 × 5s\)/);
});

test('a limit that would come too late is refused with the reason', async () => {
  const age = { alerts: { PostgresWraparound: { threshold: 2_100_000_000 } } };
  const [problem] = await problemsOf(provisioningFolder, 'production', age);
  assert.match(problem ?? '', /^overrides: alerts.PostgresWraparound.threshold: PostgreSQL stops at 2.1 billion/);
  const half = await problemsOf(provisioningFolder, 'production', {
    alerts: { PostgresBlockedQueries: { threshold: 5.5 } },
  });
  assert.match(half[0] ?? '', /^overrides: alerts.PostgresBlockedQueries.threshold: /);
  const tls = await problemsOf(provisioningFolder, 'production', { addresses: { tls: ['https://registry.example'] } });
  assert.match(tls[0] ?? '', /^overrides: addresses.tls.0: Write host:port/);
});

test('failing notices are counted for longer than Alertmanager waits, and told after their cause', async () => {
  const wrong = { NotificationsFailing: { window: '15m', for: '2m' } };
  const problems = await problemsOf(provisioningFolder, 'production', { alerts: wrong });
  assert.match(
    problems[0] ?? '',
    /NotificationsFailing.window: It must be longer than alertmanager.relaxed.groupInterval/
  );
  assert.match(problems[1] ?? '', /NotificationsFailing.for: It must be longer than alerts.DfrOpsServiceDown.for/);
  const [rules] = await problemsOf(provisioningFolder, 'demo', {
    alerts: { RuleEvaluationFailing: { window: '19s' } },
  });
  assert.match(rules ?? '', /RuleEvaluationFailing.window: A rate needs at least four scrapes \(4 × 5s\)/);
});

test('an address that must answer fast begins with a slash', async () => {
  const [problem] = await problemsOf(provisioningFolder, 'production', { odoo: { criticalPaths: ['api/'] } });
  assert.match(problem ?? '', /^overrides: odoo.criticalPaths.0: The beginning of an address, from the first slash on/);
});

test('a cap of Odoo that leaves no room, or that is reached before anybody hears, is refused', async () => {
  for (const odooConnectionLimit of [80, 88]) {
    const [problem] = await problemsOf(provisioningFolder, 'production', { postgresql: { odooConnectionLimit } });
    assert.match(problem ?? '', /odooConnectionLimit: It must be more than 80, .* and at most 87/);
  }
  const none = await loadValues(provisioningFolder, 'production', { postgresql: { odooConnectionLimit: -1 } });
  assert.equal(none.postgresql.odooConnectionLimit, -1);
});

test('durations are counted as Prometheus counts them', () => {
  assert.equal(durationMs('1d2h3m4s5ms'), 93_784_005);
  assert.equal(durationMs('90s'), 90_000);
});
