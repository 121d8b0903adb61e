import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Person } from '@dfr-ops/contracts';
import { catalogue } from '../actions/catalogue.ts';
import { scratchFolder } from '../test/startServer.ts';
import { openPolicy } from './policySource.ts';
import { policySchemaFile, policySchemaText } from './writePolicySchema.ts';

const provisioning = fileURLToPath(new URL('../../../../provisioning/', import.meta.url));
const target = { kind: 'postgresql', name: 'dfr_postgres_prod' } as const;
const person = (login: string, role: Person['role']): Person => ({ login, role, name: login, email: '' });
const now = () => new Date();

let folder: Awaited<ReturnType<typeof scratchFolder>>;
before(async () => {
  folder = await scratchFolder('policy');
});
after(() => folder.remove());

async function policyOf(text: string) {
  const path = join(folder.path, 'policy.yaml');
  await writeFile(path, text);
  return { path, policy: openPolicy(path, catalogue, now) };
}

for (const file of ['policy.yaml', 'policy.demo.yaml']) {
  test(`provisioning/${file} is sound`, () => {
    const policy = openPolicy(join(provisioning, file), catalogue, now);
    assert.equal(policy.frozen(), null);
    assert.equal(policy.denies(person('admin', 'Admin'), 'run', 'odoo.restart', target), null);
    assert.match(policy.denies(person('eve', 'Viewer'), 'run', 'odoo.restart', target) ?? '', /does not let eve/);
  });
}

test("production's bounds are minutes", () => {
  const policy = openPolicy(join(provisioning, 'policy.yaml'), catalogue, now);
  const { bounds } = policy.settings('postgres.terminate-idle') as { bounds: { minIdleSeconds: number } };
  assert.equal(bounds.minIdleSeconds, 60);
  assert.equal(policy.approval('amina', 'odoo.restart', target).asked, 'typed_target');
});

test('grants by user, role, action and target', async () => {
  const { policy } = await policyOf(
    `{version: 1, freeze: null, grants: [{users: [amina], actions: ['nginx.*'], targets: ['dfr_nginx*'], may: [run]}]}`
  );
  const nginx = { kind: 'nginx', name: 'dfr_nginx_prod' } as const;
  assert.equal(policy.denies(person('amina', 'Editor'), 'run', 'nginx.reload', nginx), null);
  assert.ok(policy.denies(person('amina', 'Editor'), 'preview', 'nginx.reload', nginx));
  assert.ok(policy.denies(person('amina', 'Editor'), 'run', 'nginx.reload', target));
  assert.ok(policy.denies(person('bakary', 'Editor'), 'run', 'nginx.reload', nginx));
});

test('freezes with the reason when the file is wrong or missing, and thaws when it is mended', async () => {
  const { path, policy } = await policyOf('version: 2\ngrants: []\nfreeze: null');
  assert.match(policy.frozen() ?? '', /version/);
  assert.equal(policy.health().ok, false);
  assert.ok(policy.denies(person('admin', 'Admin'), 'run', 'nginx.test', target));
  await writeFile(
    path,
    'version: 1\nfreeze: null\ngrants: []\nactions: {postgres.terminate-idle: {bounds: {minIdleSeconds: 0}}}'
  );
  assert.match(policy.frozen() ?? '', /actions\.postgres\.terminate-idle\.bounds\.minIdleSeconds/);
  await writeFile(path, 'version: 1\nfreeze: null\ngrants: []\nactions: {postgres.restrat: {}}');
  assert.match(policy.frozen() ?? '', /postgres\.restrat/);
  await writeFile(path, 'version: 1\nfreeze: "moving house"\ngrants: []');
  assert.equal(policy.frozen(), 'moving house');
  await rm(path);
  assert.match(policy.frozen() ?? '', /there is no file .*ENOENT/);
  await writeFile(path, 'version: 1\nfreeze: null\ngrants: []');
  assert.equal(policy.frozen(), null);
});

test('what is wrong is said with its line and the reason', async () => {
  const head = 'version: 1\nfreeze: null\n';
  const wrong: Array<[string, RegExp]> = [
    [`${head}grants:\n  - roles: [Boss]\n    actions: ['*']\n    targets: ['*']\n    may: [run]`, /line 4, grants\.0\.roles\.0: Invalid option/],
    [`${head}grants: []\nlimits: { perPersonPerHour: 0 }`, /line 4, limits\.perPersonPerHour: Too small/],
    [`${head}grants: []\nactions:\n  odoo.restart:\n    cooldown: 5`, /line 6, actions\.odoo\.restart: Unrecognized key: "cooldown"/],
    [`${head}grants: []\nactions:\n  odoo.restart:\n    bounds:\n      minGraceSeconds: 1`, /line 7, actions\.odoo\.restart\.bounds\.minGraceSeconds: Too small/],
    [`${head}grants: []\nactions:\n\n  odoo.restrat: {}`, /line 6: there is no action odoo\.restrat/],
    [`${head}grants: [}`, /line 3: /],
    [`version: 1\ngrants: []`, /line 1, freeze: /],
    ['', /line 1, the file: /],
  ]; // prettier-ignore
  for (const [text, told] of wrong) {
    const { policy } = await policyOf(text);
    assert.match(policy.frozen() ?? '', told);
    assert.equal(policy.freeze()?.source, 'broken_policy');
    assert.match(policy.health().error ?? '', told);
  }
});

test('a second person is asked for where the policy names one, and never the same one', async () => {
  const grants = (approve: string) => `grants:
  - { roles: [Admin], actions: ['*'], targets: ['*'], may: [preview, run] }
  - { ${approve}, actions: ['odoo.*'], targets: ['dfr_odoo*'], may: [approve] }`;
  const odoo = { kind: 'odoo', name: 'dfr_odoo_prod' } as const;
  const asked = async (approve: string, login: string, actions = '{}', on: typeof odoo | typeof target = odoo) =>
    (await policyOf(`version: 1\nfreeze: null\n${grants(approve)}\nactions: ${actions}`)).policy.approval(
      login,
      'odoo.restart',
      on
    );
  const named = await asked('users: [amina, bakary]', 'amina');
  assert.deepEqual(named, { asked: 'second_person', approvers: { users: ['bakary'], roles: [] } });
  assert.equal((await asked('users: [amina]', 'amina')).asked, 'typed_target', 'nobody else is named');
  assert.equal((await asked('roles: [Admin]', 'amina')).asked, 'typed_target', 'a role names nobody by itself');
  assert.equal((await asked('users: [bakary]', 'amina', '{}', target)).asked, 'typed_target', 'not on this target');
  const second = '{odoo.restart: {approval: second_person}}';
  assert.deepEqual(await asked('roles: [Admin]', 'amina', second), {
    asked: 'second_person',
    approvers: { users: [], roles: ['Admin'] },
  });
  assert.equal((await asked('users: [amina]', 'amina', second)).asked, 'typed_target');
  assert.equal((await asked('users: [bakary]', 'amina', '{odoo.restart: {approval: none}}')).asked, 'none');
});

test('the schema for editors is that of the code: npm run policy-schema writes it', async () => {
  assert.equal(await readFile(policySchemaFile, 'utf8'), await policySchemaText());
  const schema = JSON.parse(await policySchemaText());
  assert.equal(schema.properties.version.const, 1);
  assert.ok(schema.properties.grants.items.properties.may);
});
