import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { renderProvisioning } from './render.ts';

interface Alert {
  alert?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

const out = await mkdtemp(join(tmpdir(), 'dfr-loki-rules-'));
after(() => rm(out, { recursive: true, force: true }));
await renderProvisioning({ profile: 'production', out });

async function alertsIn(...files: string[]): Promise<Map<string, Alert>> {
  const texts = await Promise.all(files.map((file) => readFile(join(out, file), 'utf8')));
  const rules = texts.flatMap((text) =>
    (parse(text) as { groups: Array<{ rules: Alert[] }> }).groups.flatMap((group) => group.rules)
  );
  return new Map(rules.flatMap((rule) => (rule.alert ? [[rule.alert, rule]] : [])));
}

test("every alert of logs has its twin in Loki's ruler; to Alertmanager both are one, and tell the same", async () => {
  const folder = 'loki/rules/fake';
  const twins = await alertsIn(...(await readdir(join(out, folder))).map((file) => join(folder, file)));
  const alerts = await alertsIn('prometheus/rules/logs.yaml');
  assert.deepEqual([...twins.keys()].sort(), [...alerts.keys()].sort());
  for (const [name, { labels, annotations }] of alerts) {
    // The labels of an alert are its identity; those of its expression, country and env, are tried on a Loki.
    assert.deepEqual(twins.get(name)?.labels, labels, name);
    assert.deepEqual(twins.get(name)?.annotations, annotations, name);
  }
});
