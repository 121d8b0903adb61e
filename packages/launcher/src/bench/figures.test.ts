import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drillFigures, formatFigures, startFigure } from './figures.ts';

const result = {
  drill: 'odoo-down',
  ok: false,
  run: null,
  problem: 'no SMS',
  phases: [
    { name: 'fault', seconds: 0, detail: '' },
    { name: 'pending', seconds: 1.2345, detail: '' },
    { name: 'firing', seconds: 60, detail: '' },
    { name: 'sms', seconds: null, detail: 'look there' },
  ],
} as const;

test('a phase within its goal is ok; one that is late or never came is not', () => {
  const figures = drillFigures({ ...result, phases: [...result.phases] });
  const figure = (phase: string) => figures.find((one) => one.name === `odoo-down: fault → ${phase}`);
  assert.deepEqual(figure('pending'), {
    name: 'odoo-down: fault → pending',
    value: 1.23,
    unit: 's',
    goal: 3,
    ok: true,
  });
  assert.equal(figure('firing')?.ok, false);
  assert.deepEqual([figure('sms')?.value, figure('sms')?.ok], [null, false]);
  assert.deepEqual([figure('email')?.value, figure('email')?.ok], [null, false]);
});

test('the table names what missed its goal', () => {
  const rows = formatFigures([startFigure(20), startFigure(99)]).split('\n');
  assert.match(rows[1] ?? '', /20\.0 s +≤ 60 +ok$/);
  assert.match(rows[2] ?? '', /99\.0 s +≤ 60 +MISSED$/);
});
