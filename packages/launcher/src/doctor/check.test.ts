import assert from 'node:assert/strict';
import { test } from 'node:test';
import { examine, NotChecked, ok, warning, failed, type Check } from './check.ts';
import { countStates, printCounts, printExamined } from './print.ts';

const check = (look: Check['look'], deadlineMs = 1000): Check => ({ name: 'It', remedy: 'Do this.', look, deadlineMs });
const one = async (made: Check) => (await examine([{ title: 'G', checks: [made] }]))[0]!.findings[0]!;

test('a check that throws has failed with its words, one that cannot be made is a warning, one that hangs is ended', async () => {
  assert.deepEqual(await one(check(async () => ok('It', 'well'))), ok('It', 'well'));
  const broken = await one(check(() => Promise.reject(new Error('it broke'))));
  assert.deepEqual(broken, failed('It', 'it broke.', 'Do this.'));
  const impossible = await one(check(() => Promise.reject(new NotChecked('there is none', 'Get one.'))));
  assert.deepEqual(impossible, warning('It', 'Not checked, because there is none.', 'Get one.'));
  const before = Date.now();
  const hanging = await one(check(() => new Promise(() => {}), 100));
  assert.deepEqual(hanging, failed('It', 'no answer within 0.1 s.', 'Do this.'));
  assert.ok(Date.now() - before < 1000);
});

test('all are made at the same time', async () => {
  const slow = check(async () => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    return ok('It', 'well');
  });
  const before = Date.now();
  await examine([
    { title: 'A', checks: [slow, slow] },
    { title: 'B', checks: [slow, slow] },
  ]);
  assert.ok(Date.now() - before < 600);
});

test('on 40 columns no line is longer but for what must stay whole; the remedy stands below', () => {
  const text = 'words '.repeat(20).trim();
  const findings = [ok('Fine', 'yes.'), failed('Broken', `${text}.`, text), warning('Odd', 'hm.', 'Look.')];
  const printed = printExamined([{ title: 'Group', findings }], { columns: 40, colour: false });
  assert.ok(
    printed.split('\n').every((line) => line.length <= 40),
    printed
  );
  assert.match(
    printed,
    /^Group\n {2}✓ Fine: yes\.\n {2}✗ Broken: words[^]*\n {4}→ words[^]*\n {2}! Odd: hm\.\n {4}→ Look\.$/
  );
  assert.match(printExamined([{ title: 'G', findings }], { columns: 40, colour: true }), /\u001b\[31m✗/);
  assert.equal(printCounts(countStates([{ title: 'G', findings }])), '1 ok, 1 warning, 1 failed');
});
