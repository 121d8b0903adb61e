import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineJoiner } from './lineJoiner.ts';

const error = '2026-11-24 03:00:00,123 12 ERROR dfr odoo.http: boom';
const info = '2026-11-24 03:00:01,000 12 INFO dfr odoo: on';
const traceback = ['Traceback (most recent call last):', '  File "x.py", line 1', 'ValueError: no'];
const joiner = () => new LineJoiner(/^\d{4}-\d{2}-\d{2} /);

test('a traceback is one entry with the line before it, also when it comes in several readings', () => {
  const lines = joiner();
  assert.deepEqual(lines.join([error, ...traceback, info]), [[error, ...traceback].join('\n')]);
  assert.deepEqual(lines.join([...traceback]), []);
  assert.deepEqual(lines.join([]), [[info, ...traceback].join('\n')]);
  assert.deepEqual(lines.join([]), []);
});

test('lines before any first one are not lost, and an entry does not grow without end', () => {
  assert.deepEqual(joiner().join(['  of yesterday', error]), ['  of yesterday']);
  const lines = joiner();
  const complete = lines.join([error, ...Array.from({ length: 1200 }, (_, i) => `  line ${i}`)]);
  assert.deepEqual(
    complete.map((entry) => entry.split('\n').length),
    [500, 500]
  );
  assert.equal(lines.join([])[0]?.split('\n').length, 201);
});
