import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { AlertAnnotations, ServiceName, Severity } from '@dfr-ops/contracts';
import { parse, stringify } from 'yaml';
import { provisioningFolder, renderProvisioning } from './render.ts';

interface Rule {
  alert?: string;
  record?: string;
  expr: string;
  for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

const out = await mkdtemp(join(tmpdir(), 'dfr-rules-'));
after(() => rm(out, { recursive: true, force: true }));
const { values } = await renderProvisioning({ profile: 'production', out });
const root = resolve(provisioningFolder, '..');

const alerts: Array<{ file: string; rule: Rule & { alert: string } }> = [];
for (const file of await readdir(join(out, 'prometheus/rules'))) {
  const { groups } = parse(await readFile(join(out, 'prometheus/rules', file), 'utf8')) as {
    groups: Array<{ rules: Rule[] }>;
  };
  const rules = groups.flatMap((group) => group.rules);
  alerts.push(...rules.flatMap((rule) => (rule.alert ? [{ file, rule: { ...rule, alert: rule.alert } }] : [])));
}

test('every value of an alert belongs to an alert', () => {
  const names = new Set(alerts.map(({ rule }) => rule.alert));
  assert.deepEqual(
    Object.keys(values.alerts).filter((name) => !names.has(name)),
    []
  );
});

for (const { file, rule } of alerts) {
  test(`${rule.alert}: labels, annotations, runbook and unit test`, async () => {
    const { severity, service, component } = rule.labels ?? {};
    Severity.parse(severity);
    if (!service?.startsWith('{{')) {
      ServiceName.parse(service);
    }
    assert.ok(component);
    const labels = JSON.stringify(rule.labels);
    assert.doesNotMatch(labels, /\$value|query/, 'a label must not change while the alert lasts');

    const annotations = AlertAnnotations.parse(rule.annotations);
    const needed = ['summary', 'description', 'runbook_url', 'dashboard_uid'] as const;
    const ofSignal = [
      'signal_query',
      'signal_threshold',
      'signal_comparison',
      'signal_unit',
      'fresh_query',
      'log_query',
    ] as const;
    for (const name of rule.alert === 'Watchdog' ? needed : [...needed, ...ofSignal]) {
      assert.ok(annotations[name], `annotation ${name} is missing`);
    }
    assert.equal(annotations.runbook_url, `${values.site.publicUrl}/a/dfr-ops-app/runbook?alert=${rule.alert}`);

    const runbook = await readFile(join(root, 'runbooks', `${rule.alert}.md`), 'utf8');
    const headings = runbook.split('\n').filter((line) => line.startsWith('## '));
    assert.deepEqual(headings, ['## Meaning', '## Impact', '## Diagnosis', '## Mitigation']);

    const tests = await readFile(join(out, 'prometheus/tests', file.replace('.yaml', '.test.yaml')), 'utf8');
    assert.match(tests, new RegExp(`alertname[=:\\\\" ]+${rule.alert}\\b`));
  });
}

test('an alert whose data vanishes holds', () => {
  for (const { rule } of alerts.filter(({ rule }) => rule.alert !== 'Watchdog')) {
    assert.match(rule.expr, new RegExp(`last_over_time\\(.*\\[${values.prometheus.hold}\\]\\)`), rule.alert);
  }
});

const promtoolMissing = spawnSync('promtool', ['--version']).error ? 'not run: promtool is not installed' : false;

test('the queries that the annotations carry are PromQL', { skip: promtoolMissing }, async () => {
  // Prometheus never parses them: only those who ask them would notice.
  const rules = alerts.flatMap(({ rule }) =>
    (['signal_query', 'fresh_query'] as const).flatMap((name) => {
      const query = rule.annotations?.[name]?.replaceAll(/\{\{.*?\}\}/g, 'x');
      return query ? [{ record: `${rule.alert}:${name}`, expr: query }] : [];
    })
  );
  const file = join(out, 'queries.yaml');
  await writeFile(file, stringify({ groups: [{ name: 'queries', rules }] }));
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
});
