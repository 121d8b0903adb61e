import { setTimeout as sleep } from 'node:timers/promises';
import type { Undo } from './undo.ts';
import type { Reach } from './reach.ts';

/** One thing that is made to move, from outside the code that measures it. */
export type Cause = {
  name: string;
  /** Starts it. What it pushes onto `undo` takes it back, also after a failure halfway. */
  begin: (reach: Reach, undo: Undo) => Promise<void>;
  /** PromQL: each answers something above 0 once the measuring has seen it. */
  seen: string[];
};

/**
 * By how much a counter's sum has grown, also when its series has only just come: `increase` takes that for
 * nothing. */
export const grown = (series: string): string =>
  `sum(increase(${series}[45s])) > 0 or sum(${series} unless ${series} offset 45s)`;

const patienceSeconds = 45;

/** Polls until each cause has been seen; answers the queries that never were. */
export async function awaitSeen(reach: Reach, causes: readonly Cause[]): Promise<string[]> {
  const deadline = Date.now() + patienceSeconds * 1000;
  let left = causes.flatMap(({ name, seen }) => seen.map((query) => ({ name, query })));
  while (left.length > 0 && Date.now() < deadline && !reach.signal.aborted) {
    const values = await Promise.all(left.map(({ query }) => reach.highest(query).catch(() => null)));
    left = left.filter((_, index) => (values[index] ?? 0) <= 0);
    if (left.length > 0) {
      await sleep(250);
    }
  }
  return left.map(({ name, query }) => `${name}: ${query}`);
}
