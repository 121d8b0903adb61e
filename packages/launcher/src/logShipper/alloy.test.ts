import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { secretPatterns } from './hideSecrets.ts';
import { levelOf } from './levelOf.ts';

// Compose's collector and native mode's shipper must tell the same; here Alloy's expressions are read from its file.
const alloy = readFileSync(join(import.meta.dirname, '../../../../provisioning/alloy/config.alloy'), 'utf8');

test('Alloy hides the same secrets', () => {
  const stages = alloy.matchAll(/stage\.replace \{\s+expression = `\(\?i\)([^`]*)`\s+replace\s+= "\*\*\*"\s+\}/g);
  assert.deepEqual(
    [...stages].map(([, pattern]) => pattern),
    secretPatterns
  );
});

test('Alloy reads the same level from a line', () => {
  const expressions = [...alloy.matchAll(/stage\.regex \{\s+expression = `([^`]*)`/g)].map(
    ([, pattern = '']) => new RegExp(pattern.replace('(?P<', '(?<'))
  );
  const [brackets, words, json] = expressions;
  const skipped = /!~ "\^\[\{\]" !~ "([^`]*)"`/.exec(alloy)?.[1]?.replaceAll('\\\\', '\\').replaceAll('\\"', '"');
  const dictionary = /get \(dict ([^)]*)\)/.exec(alloy)?.[1]?.match(/"(\w+)" "(\w+)"/g) ?? [];
  assert.ok(brackets && words && json && skipped && expressions.length === 3 && dictionary.length === 19);
  const known = new Map(dictionary.map((pair) => pair.replaceAll('"', '').split(' ') as [string, string]));
  const alloyLevel = (line: string): string | null => {
    const found = line.startsWith('{')
      ? json.exec(line)
      : new RegExp(skipped).test(line)
        ? null
        : (words.exec(line) ?? brackets.exec(line));
    return known.get((found?.groups?.['level'] ?? '').toLowerCase()) ?? null;
  };
  const lines = [
    ...[...known.keys()].flatMap((word) => [
      `2026-11-24 03:00:00,1 12 ${word.toUpperCase()} dfr odoo: x`,
      `2026/11/24 03:00:00 [${word}] 12#12: x`,
      `{"time":1,"level":"${word}"}`,
      `{"time":1,"level": ${word},"msg":"x"}`,
    ]),
    '10.0.0.7 - - [24/Nov/2026:03:22:01 +0000] "GET /FATAL HTTP/1.1" 404 0',
    'INFO first, then ERROR',
    `${' '.repeat(200)}ERROR`,
    'plain',
    '{"level":"constructor"}',
    'ERROR boom\nTraceback (most recent call last):',
  ];
  assert.deepEqual(lines.map(alloyLevel), lines.map(levelOf));
});
