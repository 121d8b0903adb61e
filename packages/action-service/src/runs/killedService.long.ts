import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, test } from 'node:test';
import { assertNothingLostOrRepeated, killRounds } from '../test/killRounds.ts';
import { startProcesses, type Processes } from '../test/serviceProcesses.ts';

const rounds = 200;

let processes: Processes;
before(async () => {
  processes = await startProcesses();
});
after(() => processes?.stop());

test(`killed -9 at ${rounds} random moments, it loses no acknowledged run, performs none twice and ends each`, async (t) => {
  const from = randomInt(1_000_000);
  // With this number the same moments are had again.
  t.diagnostic(`seeds from ${from} on`);
  const sent = await killRounds(
    processes,
    Array.from({ length: rounds }, (_one, index) => from + index)
  );
  const states = await assertNothingLostOrRepeated(processes, sent);
  t.diagnostic(`${sent.length} clicks, runs by state: ${JSON.stringify(states)}`);
  assert.ok(sent.filter(({ id }) => id !== null).length >= rounds / 2, 'most clicks were acknowledged');
});
