import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cleanPath } from './cleanPath.ts';

test('resolves dots and double slashes, so that what is matched is what is sent', () => {
  const cleaned: Array<[raw: string, clean: string]> = [
    ['read/alerts', 'read/alerts'],
    ['read/../act/runs', 'act/runs'],
    ['//act//runs', 'act/runs'],
    ['./read', 'read'],
    ['read/%2e%2e/act', 'act'],
    ['../../../act', 'act'],
    ['read/', 'read'],
    ['', ''],
    ['read/incidents/a%20b', 'read/incidents/a%20b'],
  ];
  for (const [raw, clean] of cleaned) {
    assert.equal(cleanPath(raw), clean, raw);
  }
});

test('refuses what another server would read as another path', () => {
  for (const raw of [
    'read%2f..%2fact',
    'read/..%5cact',
    'read\\..\\act',
    'read/%252e%252e/act',
    'read%00/act',
    'read/%0d%0aX: y',
  ]) {
    assert.equal(cleanPath(raw), null, raw);
  }
});
