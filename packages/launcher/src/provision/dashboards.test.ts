import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { stringify } from 'yaml';
import { provisioningFolder } from './render.ts';

interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  datasource?: { uid: string };
  targets?: Array<{ expr?: string; datasource?: { uid: string } }>;
  fieldConfig?: { defaults: { unit?: string } };
}
interface Dashboard {
  uid: string;
  schemaVersion: number;
  panels: Panel[];
  templating: { list: Array<{ name: string; definition: string }> };
}

const folder = resolve(provisioningFolder, '../dashboards');
const out = await mkdtemp(join(tmpdir(), 'dfr-dashboards-'));
after(() => rm(out, { recursive: true, force: true }));
const rules = (
  await Promise.all(
    (await readdir(join(provisioningFolder, 'prometheus/rules'))).map((name) =>
      readFile(join(provisioningFolder, 'prometheus/rules', name), 'utf8')
    )
  )
).join('\n');
const promtoolMissing = spawnSync('promtool', ['--version']).error ? 'not run: promtool is not installed' : false;

for (const file of await readdir(folder)) {
  const text = await readFile(join(folder, file), 'utf8');
  const dashboard = JSON.parse(text) as Dashboard;
  const exprs = dashboard.panels.flatMap((panel) => (panel.targets ?? []).flatMap(({ expr }) => expr ?? []));

  test(`${file}: what Grafana imports without questions`, () => {
    assert.equal(`${dashboard.uid}.json`, file);
    assert.ok(dashboard.schemaVersion <= 39);
    assert.doesNotMatch(text, /__inputs|\$\{/, 'it is bundled as it is: nothing is asked or rendered');
    const names = dashboard.templating.list.map(({ name }) => name);
    assert.deepEqual(names, ['country', 'env']);
    assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
  });

  test(`${file}: every panel is one that the host draws, named, explained and with a unit`, () => {
    for (const panel of dashboard.panels) {
      assert.ok(['stat', 'timeseries', 'table', 'text', 'dfr-alerts-panel'].includes(panel.type), panel.type);
      assert.ok(panel.title, `panel ${panel.id}`);
      assert.ok(panel.description || panel.type === 'text', panel.title);
      assert.ok(panel.fieldConfig?.defaults.unit || !['stat', 'timeseries'].includes(panel.type), panel.title);
      const uids = [panel.datasource?.uid, ...(panel.targets ?? []).map(({ datasource }) => datasource?.uid)];
      assert.ok(
        uids.every((uid) => uid === undefined || ['dfr-prometheus', 'dfr-loki', 'dfr-ops'].includes(uid)),
        panel.title
      );
    }
  });

  test(`${file}: queries stay within the chosen country and environment`, () => {
    for (const expr of exprs) {
      const selectors = [...expr.matchAll(/\{([^}]*)\}/g)].map(([, inside]) => inside ?? '');
      assert.ok(selectors.length > 0, expr);
      assert.ok(
        selectors.every((inside) => inside.includes('country="$country"') && inside.includes('env="$env"')),
        expr
      );
    }
  });

  test(`${file}: recorded series and thresholds are those of the rules`, () => {
    for (const expr of exprs) {
      for (const [name] of expr.matchAll(/dfr:\w+:?\w*/g)) {
        assert.ok(rules.includes(`record: ${name}\n`), name);
      }
      for (const [, alert] of expr.matchAll(/dfr_ops_alert_threshold\{alert="(\w+)"/g)) {
        assert.ok(rules.includes(`{ alert: ${alert},`), `no threshold of ${alert} is recorded`);
      }
    }
  });

  test(`${file}: Prometheus parses every query`, { skip: promtoolMissing }, async () => {
    const asRules = exprs.map((expr, index) => ({
      record: `x:${index}`,
      expr: expr.replaceAll('$__rate_interval', '1m'),
    }));
    const path = join(out, `${file}.yaml`);
    await writeFile(path, stringify({ groups: [{ name: 'queries', rules: asRules }] }));
    const { status, stderr } = spawnSync('promtool', ['check', 'rules', path], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  });
}
