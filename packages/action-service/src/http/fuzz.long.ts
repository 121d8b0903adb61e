import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzService } from '../test/fuzzService.ts';

test('5,000 requests generated from the document, by another seed each time', async (context) => {
  const seed = Number(process.env.DFR_OPS_FUZZ_SEED ?? Date.now() % 2 ** 31);
  context.diagnostic(`DFR_OPS_FUZZ_SEED=${seed}`);
  const seen = await fuzzService({ seed, requests: 5_000 });
  context.diagnostic(JSON.stringify(seen));
  assert.ok(seen[200] && seen[400] && seen[404]);
});
