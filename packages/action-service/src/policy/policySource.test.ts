import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Person } from '@dfr-ops/contracts';
import { catalogue } from '../actions/catalogue.ts';
import { scratchFolder } from '../test/startServer.ts';
import { openPolicy } from './policySource.ts';

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
  assert.equal(policy.settings('odoo.restart').approval, 'typed_target');
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
  assert.match(policy.frozen() ?? '', /ENOENT/);
  await writeFile(path, 'version: 1\nfreeze: null\ngrants: []');
  assert.equal(policy.frozen(), null);
});
