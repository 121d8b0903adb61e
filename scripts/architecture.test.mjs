import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const sources = globSync(['src/**/*.{ts,tsx}', 'packages/*/src/**/*.{ts,tsx}'], { cwd: root, exclude: (path) => path.includes('node_modules') });

/** Every import of a file, as a path from the root when it is relative, else as it is written. */
function importsOf(file) {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g)]
    .map((match) => match[1] ?? match[2])
    .map((name) => (name.startsWith('.') ? relative(root, resolve(root, dirname(file), name)) : name));
}

const isTest = (file) => /(^|[./])test[./]|\.test\.|\.long\.|\/test\//.test(file);

/** Files whose import breaks a rule, as "file imports what". */
function breaches(applies, forbidden) {
  return sources
    .filter((file) => applies(file) && !isTest(file))
    .flatMap((file) => importsOf(file).filter((name) => forbidden(name, file)).map((name) => `${file} imports ${name}`));
}

test('contracts import zod only', () => {
  const own = (name) => name === 'zod' || name.startsWith('packages/contracts/');
  assert.deepEqual(breaches((file) => file.startsWith('packages/contracts/'), (name) => !own(name)), []);
});

test('the bundle imports no package of ours but contracts', () => {
  const foreign = (name) => name.startsWith('packages/') || (name.startsWith('@dfr-ops/') && name !== '@dfr-ops/contracts');
  assert.deepEqual(breaches((file) => file.startsWith('src/'), foreign), []);
});

test('nested plugins never import each other, nor pages', () => {
  const nested = ['src/datasource', 'src/alerts-panel', 'src/actions-panel'];
  const crosses = (name, file) => [...nested, 'src/pages'].some((folder) => name.startsWith(`${folder}/`) && !file.startsWith(`${folder}/`));
  assert.deepEqual(breaches((file) => nested.some((folder) => file.startsWith(`${folder}/`)), crosses), []);
});

test('nested plugins are one chunk each: they import nothing dynamically', () => {
  const dynamic = sources
    .filter((file) => /^src\/(datasource|alerts-panel|actions-panel|ui|client)\//.test(file) && !isTest(file))
    .filter((file) => /\bimport\(/.test(readFileSync(join(root, file), 'utf8')));
  assert.deepEqual(dynamic, []);
});

test("only src/client knows the service's URLs", () => {
  const knows = sources
    .filter((file) => file.startsWith('src/') && !file.startsWith('src/client/') && !isTest(file))
    .filter((file) => /['"`/](read|act)\/(alerts|actions|runs|incidents|health|audit|annotations|me)\b/.test(readFileSync(join(root, file), 'utf8')));
  assert.deepEqual(knows, []);
});

test('in the service, imports point from http over runs and actions to connectors', () => {
  const service = 'packages/action-service/src/';
  const forbidden = {
    connectors: ['alerts', 'runs', 'actions', 'http', 'incidents', 'notices', 'policy'],
    actions: ['runs', 'http'],
    runs: ['http'],
    incidents: ['http'],
    alerts: ['http', 'runs'],
  };
  for (const [folder, others] of Object.entries(forbidden)) {
    const wrong = (name) => others.some((other) => name.startsWith(`${service}${other}/`));
    assert.deepEqual(breaches((file) => file.startsWith(`${service}${folder}/`), wrong), [], folder);
  }
});

test('in each package only config.ts reads the environment', () => {
  const readers = sources
    .filter((file) => /^packages\/(action-service|agent|host|stand-ins)\//.test(file) && !isTest(file) && !/config\.ts$/.test(file))
    .filter((file) => /process\.env\b/.test(readFileSync(join(root, file), 'utf8')));
  assert.deepEqual(readers, []);
});

test('launcher and host import no service code', () => {
  const service = (name) => name.includes('action-service/') || name.startsWith('@dfr-ops/action-service');
  assert.deepEqual(breaches((file) => /^packages\/(launcher|host)\//.test(file), service), []);
});

const rules = globSync('provisioning/prometheus/rules/*.yaml', { cwd: root }).flatMap((file) =>
  (parse(readFileSync(join(root, file), 'utf8')).groups ?? []).flatMap((group) => group.rules.filter((rule) => rule.alert).map((rule) => ({ file, ...rule })))
);
const actionFiles = globSync('packages/action-service/src/actions/*.ts', { cwd: root }).filter((file) => !isTest(file));
const actionIds = new Set(
  actionFiles.flatMap((file) => [...readFileSync(join(root, file), 'utf8').matchAll(/^\s*(?:readonly )?id: '([a-z]+\.[a-z-]+)'/gm)].map((match) => match[1]))
);

test('there are rules and actions to hold against each other', () => {
  assert.ok(rules.length > 10, `${rules.length} rules`);
  assert.ok(actionIds.size >= 5, `${[...actionIds]}`);
});

test('every alert has a runbook page with its four parts', () => {
  for (const { alert } of rules) {
    const file = join(root, 'runbooks', `${alert}.md`);
    assert.ok(existsSync(file), `runbooks/${alert}.md is missing`);
    const text = readFileSync(file, 'utf8');
    for (const part of ['Meaning', 'Impact', 'Diagnosis', 'Mitigation']) {
      assert.match(text, new RegExp(`^## ${part}`, 'm'), `${alert}: ${part}`);
    }
  }
});

test('every alert has a unit test', () => {
  const tests = globSync('provisioning/prometheus/tests/*.yaml', { cwd: root }).map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
  assert.deepEqual(rules.map((rule) => rule.alert).filter((alert) => !tests.includes(`alertname="${alert}",alertstate="firing"`)), []);
});

test('every alert names only actions that exist', () => {
  const named = rules.flatMap((rule) => (rule.annotations?.actions ?? '').split(',').filter(Boolean).map((id) => [rule.alert, id.trim()]));
  assert.deepEqual(named.filter(([, id]) => !actionIds.has(id)), []);
});

test('every action names the alerts it is for, or none and is manual', () => {
  const alerts = new Set(rules.map((rule) => rule.alert));
  for (const file of actionFiles) {
    const text = readFileSync(join(root, file), 'utf8');
    if (!/^\s*(?:readonly )?id: '/m.test(text)) {
      continue;
    }
    const named = text.match(/\balerts: \[([^\]]*)\]/);
    assert.ok(named, `${file} does not say which alerts it is for`);
    const unknown = [...named[1].matchAll(/'([^']+)'/g)].map((match) => match[1]).filter((alert) => !alerts.has(alert));
    assert.deepEqual(unknown, [], file);
  }
});
