import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadValues } from '../provision/loadValues.ts';
import { provisioningFolder } from '../provision/render.ts';
import { drillFigures, firingBound, formatFigures, scaleFigures, startFigure } from './figures.ts';

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
  const figures = drillFigures({ ...result, phases: [...result.phases] }, 5);
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
  assert.match(rows[1] ?? '', /20\.0 s +≤ 60 +33 % ok$/);
  assert.match(rows[2] ?? '', /99\.0 s +≤ 60 +165 % MISSED$/);
});

test('firing is bound by scrape, evaluation, `for` and a second', async () => {
  const demo = await loadValues(provisioningFolder, 'demo');
  assert.equal(firingBound(demo, 'OdooDown'), 5);
  assert.equal(firingBound(await loadValues(provisioningFolder, 'production'), 'OdooDown'), 151);
  const late = { ...result, phases: [{ name: 'firing' as const, seconds: 5.1, detail: '' }] };
  assert.equal(drillFigures(late, firingBound(demo, 'OdooDown')).find(({ name }) => /firing/.test(name))?.ok, false);
});

test('rules are judged by their median and their slow cycles, queries by the slowest five', () => {
  const query = (name: string, cold: number, warm: number) => ({ name, expr: 'x', cold, warm, series: 1 });
  const queries = ['a', 'b', 'c', 'd', 'e', 'f'].map((name, index) => query(name, 201 - index, 10));
  const cycles = Array.from({ length: 20 }, (_, index) => 41 + index);
  const figures = scaleFigures({ countries: 20, series: 1, samples: 1, cycles, queries });
  assert.deepEqual(
    figures.slice(0, 4).map(({ value, ok }) => [value, ok]),
    [
      [50, true],
      [59, false],
      [201, false],
      [10, true],
    ]
  );
  assert.equal(figures.length, 12);
});

test('a goal that is the least is printed so', () => {
  const figure = { name: 'accepted runs', value: 61, unit: '1/s', goal: 50, least: true as const, ok: true };
  assert.match(formatFigures([figure]), /accepted runs .*61\.0 1\/s ≥ 50 .*122 % ok/);
});
