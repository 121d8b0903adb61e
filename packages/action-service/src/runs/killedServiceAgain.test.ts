import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertNothingLostOrRepeated, killRounds } from '../test/killRounds.ts';
import { startProcesses, type Processes } from '../test/serviceProcesses.ts';

let processes: Processes;
before(async () => {
  processes = await startProcesses();
});
after(() => processes?.stop());

// The first ten are in killedService.test.ts.
test('killed -9 at ten more seeded moments, it loses no acknowledged run, performs none twice and ends each', async (t) => {
  const sent = await killRounds(processes, [10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  const states = await assertNothingLostOrRepeated(processes, sent);
  t.diagnostic(`${sent.length} clicks, runs by state: ${JSON.stringify(states)}`);
  assert.ok(sent.filter(({ id }) => id !== null).length >= 7, 'most clicks were acknowledged');
  assert.ok((states.interrupted ?? 0) >= 3, 'the kills hit runs in their midst');
});
