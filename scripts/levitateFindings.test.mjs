import assert from 'node:assert/strict';
import { test } from 'node:test';
import { levitateFindings } from './levitateFindings.mjs';

const target = ['@grafana/data@12.3.0', '@grafana/ui@12.3.0'];
const found = (name) => `✔ Found ${name} version 13.2.2 locally\n`;
const compared = '✔ Successfully compared versions\n';

test('nothing speaks against a report in which each package was compared', () => {
  const output = found('@grafana/data') + found('@grafana/ui') + compared + compared;
  assert.deepEqual(levitateFindings({ code: 0, output, target }), []);
});

test('a package that was passed over counts, whatever the exit code says', () => {
  const skipped = `${found('@grafana/data')}${compared}Skipping package @grafana/ui because it is not used\n`;
  assert.deepEqual(levitateFindings({ code: 0, output: skipped, target }), [
    'it did not find @grafana/ui@12.3.0 installed',
    'it compared 1 of 2 packages',
  ]);
  const unprocessed = `${found('@grafana/data')}${found('@grafana/ui')}${compared}Could not process the package @grafana/ui\n`;
  assert.deepEqual(levitateFindings({ code: 0, output: unprocessed, target }), ['it compared 1 of 2 packages']);
});

test('an incompatible package counts', () => {
  const output = `${found('@grafana/data')}${found('@grafana/ui')}${compared}${compared}1) Removed \`Pill\`\n`;
  assert.deepEqual(levitateFindings({ code: 1, output, target }), ['it ended with 1']);
});
