import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import bcrypt from 'bcryptjs';
import { findDrift } from './drift.ts';
import { printDrift } from './printDrift.ts';
import { provisioningFolder, renderProvisioning } from './render.ts';

const folders: string[] = [];
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dfr-drift-'));
  folders.push(folder);
  return folder;
}

async function edit(file: string, from: string | RegExp, to: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  assert.match(text, from instanceof RegExp ? from : new RegExp(from));
  await writeFile(file, text.replace(from, to));
}

test('what was just rendered has no drift, also with the ports and hashes of a stack', async () => {
  for (const overrides of [
    {},
    {
      addresses: { prometheus: '127.0.0.1:19090' },
      prometheus: { passwordHash: bcrypt.hashSync('nobody-knows', 4) },
      alertmanager: { passwordHash: bcrypt.hashSync('nobody-knows', 4) },
    },
  ]) {
    const dir = await temporary();
    await renderProvisioning({ profile: 'demo', out: dir, overrides });
    const found = await findDrift({ dir });
    assert.deepEqual([found.profile, found.drifts], ['demo', []]);
    assert.match(printDrift(dir, found), /is as the values say/);
    assert.doesNotMatch(await readFile(join(dir, '.rendered.json'), 'utf8'), /\$2[aby]\$/);
  }
});

test('a file edited by hand, one that is missing and a value that was changed are told apart', async () => {
  const [dir, from] = [await temporary(), await temporary()];
  await cp(provisioningFolder, from, { recursive: true });
  await renderProvisioning({ profile: 'production', out: dir, from });
  await edit(join(dir, 'nginx/nginx.conf'), 'server_tokens off', 'server_tokens on');
  await rm(join(dir, 'policy.yaml'));
  await edit(join(from, 'values/production.yaml'), 'OdooDown: { for: 2m }', 'OdooDown: { for: 3m }');
  await rm(join(from, 'mtail/odoo.mtail'));

  const before = await readdir(dir, { recursive: true });
  const found = await findDrift({ dir, from });
  assert.deepEqual(await readdir(dir, { recursive: true }), before, 'nothing was written');
  assert.deepEqual(
    found.drifts.map(({ name, kind, byHand }) => [name, kind, byHand]),
    [
      ['mtail/odoo.mtail', 'left over', false],
      ['nginx/nginx.conf', 'differs', true],
      ['policy.yaml', 'missing', false],
      ['prometheus/rules/odoo.yaml', 'differs', false],
    ]
  );
  const shown = printDrift(dir, found);
  assert.match(shown, /-  server_tokens on;\n\+  server_tokens off;/);
  assert.match(shown, /- {8}for: 2m\n\+ {8}for: 3m/);
  assert.match(shown, /nginx\.conf: differs, edited by hand/);
});

test('a secret that differs is told and not shown', async () => {
  const dir = await temporary();
  await renderProvisioning({ profile: 'production', out: dir });
  const other = bcrypt.hashSync('another', 4);
  await edit(join(dir, 'prometheus/web.yml'), /\$2b\$[^']+/, other.replaceAll('$', '$$$$'));
  await edit(join(dir, 'alertmanager/alertmanager.yml'), /smtp_from: .*/, 'smtp_auth_password: hunter2');
  const shown = printDrift(dir, await findDrift({ dir }));
  assert.match(shown, /prometheus\/web\.yml: differs, in a secret \(not shown\), edited by hand/);
  assert.match(shown, /-  smtp_auth_password: \(not shown\)/);
  assert.ok(!shown.includes(other) && !shown.includes('hunter2'));
});

test('a hash of a stack that was exchanged by hand is found, though it is kept nowhere', async () => {
  const dir = await temporary();
  const overrides = { prometheus: { passwordHash: bcrypt.hashSync('one', 4) } };
  await renderProvisioning({ profile: 'demo', out: dir, overrides });
  await edit(join(dir, 'prometheus/web.yml'), /\$2b\$[^']+/, bcrypt.hashSync('two', 4).replaceAll('$', '$$$$'));
  const { drifts } = await findDrift({ dir });
  assert.deepEqual(drifts, [{ name: 'prometheus/web.yml', kind: 'differs', byHand: true, diff: '' }]);
});

test('another profile than the rendered one differs; an empty folder lacks everything', async () => {
  const dir = await temporary();
  await renderProvisioning({ profile: 'demo', out: dir, overrides: { nginx: { pidFile: '/tmp/x.pid' } } });
  const other = await findDrift({ dir, profile: 'production' });
  assert.ok(other.drifts.some(({ name }) => name === 'prometheus/prometheus.yml'));
  const empty = await findDrift({ dir: await temporary() });
  assert.deepEqual([empty.known, empty.drifts.length], [false, empty.files]);
});
