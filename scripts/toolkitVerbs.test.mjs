import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const decision = readFileSync(join(root, 'docs/decisions/0003-grafana-toolkit.md'), 'utf8');
const verbs = Object.keys(scripts).filter((name) => name.startsWith('plugin:'));

test("the toolkit's verbs are those that its decision lists", () => {
  const listed = [...decision.matchAll(/\| *`npm run (plugin:[a-z-]+)` *\|/g)].map((match) => match[1]);
  assert.deepEqual(listed.sort(), verbs.toSorted());
});

test('each leads to a script or a program that is installed', () => {
  for (const verb of verbs) {
    for (const command of scripts[verb].split(' && ')) {
      const [, script] = /^npm run ([\w:-]+)/.exec(command) ?? [];
      const found = script ? script in scripts : existsSync(join(root, 'node_modules/.bin', command.split(' ')[0]));
      assert.ok(found, `${verb}: ${command}`);
    }
  }
});

test('no script calls the toolkit: the plugin validator refuses that', () => {
  assert.deepEqual(
    Object.entries(scripts).filter(([, command]) => /grafana-toolkit\b/.test(command)),
    []
  );
});
