import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunRow } from './runRow.ts';
import { narratorOf } from './performRun.ts';

test('after its deadline an action takes no further step, also when telling one took so long', async () => {
  const deadline = new AbortController();
  const told: string[] = [];
  const writer = {
    tell: async ({ text }: { text: string }) => {
      told.push(text);
      if (text === 'slow') {
        deadline.abort();
      }
      return {} as RunRow;
    },
  };
  const { step } = narratorOf(writer, deadline.signal);
  await step('first');
  await assert.rejects(step('slow'));
  await assert.rejects(step('late'));
  assert.deepEqual(told, ['first', 'slow']);
});
