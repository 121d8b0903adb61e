import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzService } from '../test/fuzzService.ts';

test('500 requests generated from the document: never a 5xx, never a change, no answer that it does not tell of', async (context) => {
  const seen = await fuzzService({ seed: 20_261_124, requests: 500 });
  context.diagnostic(JSON.stringify(seen));
  for (const status of [200, 400, 401, 403, 404]) {
    assert.ok(seen[status], `none was answered by ${status}`);
  }
});
