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
  links?: Array<{ url: string }>;
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig?: { defaults: { unit?: string } };
}
interface Dashboard {
  uid: string;
  schemaVersion: number;
  panels: Panel[];
  tags: string[];
  links: Array<{ type: string; tags: string[]; url: string; includeVars: boolean; keepTime: boolean }>;
  annotations: { list: Array<{ enable: boolean; datasource: { uid: string }; target: { queryType: string } }> };
  templating: { list: Array<{ name: string }> };
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

const { includes } = JSON.parse(await readFile(resolve(folder, '../src/plugin.json'), 'utf8')) as {
  includes: Array<{ type: string; path: string; uid?: string; addToNav?: boolean }>;
};
const files = (await readdir(folder)).sort();
const texts = new Map(
  await Promise.all(files.map(async (file) => [file, await readFile(join(folder, file), 'utf8')] as const))
);

test('the app imports every dashboard; one alone stands in the navigation', () => {
  const included = includes.filter(({ type }) => type === 'dashboard');
  assert.deepEqual(
    included.map(({ path }) => path).sort(),
    files.map((file) => `dashboards/${file}`)
  );
  assert.ok(included.every(({ path, uid }) => path === `dashboards/${uid}.json`));
  assert.deepEqual(
    included.filter(({ addToNav }) => addToNav).map(({ uid }) => uid),
    ['dfr-overview']
  );
});

test('every alert names a dashboard that exists; one that has a threshold, a dashboard that draws it', () => {
  const named = [...rules.matchAll(/dashboard_uid: (\S+)\n\s+runbook_url: \S+alert=(\w+)/g)];
  assert.equal(named.length, rules.match(/- alert: /g)?.length);
  for (const [, uid = '', alert = ''] of named) {
    assert.ok(texts.has(`${uid}.json`), `${alert}: ${uid}`);
    const line = `dfr_ops_alert_threshold{alert=\\"${alert}\\"`;
    const drawn = [...texts].filter(([, text]) => text.includes(line)).map(([file]) => file);
    const hasThreshold = rules.includes(`{ alert: ${alert},`);
    assert.ok(!hasThreshold || drawn.includes(`${uid}.json`), `${alert}: ${uid}, drawn in ${drawn.join()}`);
  }
});

test('the response of one service: a panel keeps to the chosen service, or says that it does not', () => {
  const { panels } = JSON.parse(texts.get('dfr-response.json') ?? '') as Dashboard;
  for (const { title, description = '', targets = [] } of panels) {
    const keeps = targets.every((target) => JSON.stringify(target).includes('$service'));
    assert.ok(keeps || /whatever the service|of all services/.test(description), title);
  }
});

for (const [file, text] of texts) {
  const dashboard = JSON.parse(text) as Dashboard;
  const targets = dashboard.panels.flatMap((panel) => panel.targets ?? []);
  const exprs = targets.flatMap(({ expr }) => expr ?? []);
  const promQl = targets.flatMap(({ expr, datasource }) => (datasource?.uid === 'dfr-prometheus' && expr) || []);

  test(`${file}: what Grafana imports without questions`, () => {
    assert.equal(`${dashboard.uid}.json`, file);
    assert.ok(dashboard.schemaVersion <= 39);
    assert.doesNotMatch(
      text,
      /__inputs|\$\{(?!__|\w+:queryparam)/,
      'it is bundled as it is: nothing is asked or rendered'
    );
    const names = dashboard.templating.list.map(({ name }) => name);
    assert.deepEqual(names.slice(0, 2), ['country', 'env']);
    for (const name of names.slice(2)) {
      assert.ok(['service', 'instance'].includes(name), name);
      assert.ok(text.includes(`$${name}`), `${name} is asked and not used`);
    }
    assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
  });

  test(`${file}: every panel is one that the host draws, named, explained and with a unit`, () => {
    for (const panel of dashboard.panels) {
      assert.ok(['stat', 'timeseries', 'table', 'text', 'logs', 'dfr-alerts-panel'].includes(panel.type), panel.type);
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

  test(`${file}: actions are drawn over it, and it leads to the other dashboards, alerts, logs, actions and runbooks`, () => {
    assert.ok(dashboard.tags.includes('dfr'));
    const [annotation] = dashboard.annotations.list;
    assert.deepEqual(
      [annotation?.enable, annotation?.datasource.uid, annotation?.target.queryType],
      [true, 'dfr-ops', 'annotations']
    );
    const others = dashboard.links.find(({ type }) => type === 'dashboards');
    assert.deepEqual([others?.tags, others?.includeVars, others?.keepTime], [['dfr'], true, true]);
    for (const page of ['alerts', 'logs', 'actions', 'runbook']) {
      assert.ok(
        dashboard.links.some(({ url }) => url.split('?')[0] === `/a/dfr-ops-app/${page}`),
        page
      );
    }
  });

  test(`${file}: a panel with a threshold says when it is bad, and leads to its alert`, () => {
    for (const panel of dashboard.panels) {
      for (const { expr = '' } of panel.targets ?? []) {
        const alert = /^dfr_ops_alert_threshold\{alert="(\w+)"/.exec(expr)?.[1];
        if (alert) {
          assert.ok(panel.description?.includes(alert), panel.title);
          assert.ok(
            panel.links?.some(({ url }) => url === `/a/dfr-ops-app/alerts?text=${alert}`),
            panel.title
          );
        }
      }
    }
  });

  test(`${file}: on a phone the alerts come first, and no panel lies on another`, () => {
    const rank = ({ gridPos: { x, y } }: Panel) => y * 24 + x;
    const inOrder = dashboard.panels.toSorted((one, other) => rank(one) - rank(other));
    assert.equal(inOrder[0]?.type, 'dfr-alerts-panel');
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`)
    );
    assert.equal(new Set(cells).size, cells.length);
    assert.ok(dashboard.panels.every(({ gridPos: { x, w } }) => x + w <= 24));
  });

  test(`${file}: missing data stays missing`, () => {
    for (const expr of promQl) {
      assert.doesNotMatch(expr, /vector\s*\(|absent/, expr);
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
    const asRules = promQl.map((expr, index) => ({
      record: `x:${index}`,
      expr: expr.replaceAll('$__rate_interval', '1m'),
    }));
    const path = join(out, `${file}.yaml`);
    await writeFile(path, stringify({ groups: [{ name: 'queries', rules: asRules }] }));
    const { status, stderr } = spawnSync('promtool', ['check', 'rules', path], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  });
}
