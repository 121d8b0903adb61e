import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { checkProvisioning } from './check.ts';
import { renderProvisioning } from './render.ts';

const out = await mkdtemp(join(tmpdir(), 'dfr-check-'));
after(() => rm(out, { recursive: true, force: true }));

for (const profile of ['production', 'demo'] as const) {
  test(`the servers' own tools accept the ${profile} tree`, async (t) => {
    await renderProvisioning({ profile, out });
    const results = await checkProvisioning(out, { rules: profile === 'production' });
    for (const { name, state, output } of results) {
      await t.test(name, { skip: state === 'missing' ? `not run: ${output}` : false }, () => {
        assert.equal(state, 'ok', output);
      });
    }
  });
}

test('what is broken is found', async (t) => {
  await renderProvisioning({ profile: 'production', out });
  await breakFile('prometheus/rules/nginx.yaml', 'max by (country, env) (nginx_up)', 'max by (country, env (nginx_up)');
  await breakFile('alertmanager/alertmanager.yml', 'receiver: watchdog', 'receiver: nobody');
  await breakFile('nginx/nginx.conf', 'server_tokens off;', 'server_tokens off');
  await breakFile('prometheus/rules/odoo.yaml', '    for: 2m', '    for: 3m');
  await breakFile('loki/config.yaml', 'auth_enabled: false', 'auth_enable: false');
  await breakFile('loki/rules/fake/nginx.yaml', 'sum by (country, env) (', 'sum by (country, env) ((');
  await breakFile(
    'loki/rules/fake/odoo.yaml',
    'count_over_time({service="odoo"} |~ `(?m)',
    '({service="odoo"} |~ `(?m)'
  );
  await breakFile('loki/rules/fake/postgresql.yaml', '        labels:', '        label:');
  const results = await checkProvisioning(out);
  const rules = results.find(({ name }) => name === "rules of Loki's ruler");
  assert.equal(rules?.state, 'failed');
  assert.match(rules.output, /nginx\.yaml: NginxUpstreamTimeouts: its expression is no LogQL from here on: /);
  assert.match(rules.output, /odoo\.yaml: OdooTracebacks: its expression is no LogQL from here on: /);
  assert.match(rules.output, /postgresql\.yaml: groups\.0\.rules\.0: Unrecognized key: "label"/);
  for (const name of [
    'loki -verify-config',
    'promtool check rules',
    'amtool check-config',
    'nginx -t',
    'promtool test rules',
  ]) {
    const result = results.find((one) => one.name === name);
    await t.test(name, { skip: result?.state === 'missing' ? result.output : false }, () => {
      assert.equal(result?.state, 'failed');
      assert.notEqual(result?.output, '');
    });
  }
});

async function breakFile(name: string, from: string, to: string): Promise<void> {
  const path = join(out, name);
  const text = await readFile(path, 'utf8');
  assert.ok(text.includes(from), `${name} no longer has "${from}"`);
  await writeFile(path, text.replace(from, to));
}
