import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { loadValues } from './loadValues.ts';
import { TemplateError, provisioningFolder, renderProvisioning, renderTemplate } from './render.ts';

const folders: string[] = [];
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dfr-render-'));
  folders.push(folder);
  return folder;
}

const values = await loadValues(provisioningFolder, 'production');

test('placeholders are replaced, the languages of the servers are left alone', () => {
  const template = 'a: ${site.env} {{ $labels.country }} $upstream_status $1 $$ $__file{${files.webhookToken}}';
  assert.equal(
    renderTemplate(template, 'x', values),
    `a: production {{ $labels.country }} $upstream_status $1 $$ $__file{${values.files.webhookToken}}`
  );
});

test('a value is not read as a template again', () => {
  const odd = { ...values, site: { ...values.site, env: '${site.country}' } };
  assert.equal(renderTemplate('${site.env}', 'x', odd), '${site.country}');
});

for (const [what, placeholder] of [
  ['an unknown path', '${site.environment}'],
  ['a whole section', '${site}'],
  ['a path that is inherited', '${site.constructor}'],
  ['a shell default', '${site.env:-x}'],
  ['one that is not closed', '${site.env'],
]) {
  test(`${what} is refused with file and line`, () => {
    assert.throws(
      () => renderTemplate(`one\ntwo ${placeholder}\n`, 'prometheus/x.yml', values),
      (error: unknown) =>
        error instanceof TemplateError && error.message.startsWith(`prometheus/x.yml:2: ${placeholder}`)
    );
  });
}

test('an empty smsAlso matches no alert', () => {
  const quiet = { ...values, receivers: { ...values.receivers, smsAlso: [] } };
  assert.equal(renderTemplate('${derived.smsAlsoRegex}', 'x', quiet), 'none-of-them');
});

test('the same input gives the same bytes, with no placeholder left', async () => {
  const [first, second] = [await temporary(), await temporary()];
  const { files } = await renderProvisioning({ profile: 'demo', out: first });
  await renderProvisioning({ profile: 'demo', out: second });
  assert.ok(files.includes('prometheus/prometheus.yml') && files.includes('alertmanager/templates/email.tmpl'));
  assert.ok(!files.some((name) => name.startsWith('values/')));
  for (const name of files) {
    const text = await readFile(join(first, name), 'utf8');
    assert.equal(text, await readFile(join(second, name), 'utf8'));
    assert.doesNotMatch(text, /\$\{/, name);
  }
});

test('files of an earlier rendering go, files of others stay', async () => {
  const from = await temporary();
  const out = await temporary();
  await cp(provisioningFolder, from, { recursive: true });
  await writeFile(join(from, 'prometheus/rules/old.yaml'), 'groups: []\n');
  await renderProvisioning({ profile: 'demo', from, out });
  await writeFile(join(out, 'prometheus/rules/site.yaml'), 'groups: []\n');
  await rm(join(from, 'prometheus/rules/old.yaml'));
  await renderProvisioning({ profile: 'demo', from, out });
  const rules = await readdir(join(out, 'prometheus/rules'));
  assert.ok(!rules.includes('old.yaml'));
  assert.ok(rules.includes('site.yaml') && rules.includes('odoo.yaml'));
});

test('a template that cannot be rendered leaves everything as it was', async () => {
  const from = await temporary();
  const out = join(await temporary(), 'out');
  await cp(join(provisioningFolder, 'values'), join(from, 'values'), { recursive: true });
  await mkdir(join(from, 'a'));
  await writeFile(join(from, 'a/good.yml'), 'x: ${site.env}\n');
  await writeFile(join(from, 'b.yml'), 'x: ${nowhere}\n');
  await assert.rejects(renderProvisioning({ profile: 'demo', from, out }), /b\.yml:1: \$\{nowhere\}/);
  await assert.rejects(readdir(out), { code: 'ENOENT' });
});
