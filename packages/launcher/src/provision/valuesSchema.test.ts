import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { provisioningFolder } from './render.ts';
import { valuesSchema } from './valuesSchema.ts';

const folder = join(provisioningFolder, 'values');

test('schema.json is what the values are checked by', async () => {
  const written = await readFile(join(folder, 'schema.json'), 'utf8');
  assert.equal(written, valuesSchema(), 'Write it anew: npm run provision -- --schema');
});

for (const name of ['production.yaml', 'demo.yaml']) {
  test(`${name} names its schema to editors`, async () => {
    assert.match(await readFile(join(folder, name), 'utf8'), /^# yaml-language-server: \$schema=schema\.json\n/);
  });
}

test('the schema knows every value, its form and its reason', () => {
  const { properties } = JSON.parse(valuesSchema()) as { properties: Record<string, { properties: object }> };
  assert.ok('OdooDown' in (properties['alerts']?.properties ?? {}));
  assert.match(valuesSchema(), /"additionalProperties": false/);
  assert.match(valuesSchema(), /\(\\\\d\+d\)\?/);
});
