import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { measureService } from './service.ts';

const folder = mkdtempSync(join(tmpdir(), 'dfr-ops-bench-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function program(text: string): string {
  const file = join(folder, 'bench.mjs');
  writeFileSync(file, text);
  return file;
}

test("the service's figures are taken as they come, one a line", async () => {
  const figure = { name: 'accepted runs', value: 61, unit: '1/s', goal: 50, least: true, ok: true };
  const told = JSON.stringify(figure);
  assert.deepEqual(await measureService(program(`console.log('${told}'); console.log('${told}')`)), [figure, figure]);
});

test('a bench that ended early is no result', async () => {
  await assert.rejects(measureService(program(`console.log('{"name":"one"}'); process.exit(3)`)), /ended with 3/);
});
