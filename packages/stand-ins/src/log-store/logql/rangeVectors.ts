import type { LogStore } from '../logStore.ts';
import type { Series, Steps } from './evaluate.ts';
import { type Line, groupByLabels, passingLines } from './findLines.ts';
import type { LabelSet } from './matchers.ts';
import { LogQlError, type RangeQuery } from './query.ts';

/** Counts lines over windows (t − range, t]; a window without a line has no point. @throws LogQlError for lines with an error */
export function overRange(store: LogStore, query: RangeQuery, steps: Steps): Series[] {
  const ns = (ms: number) => BigInt(Math.round(ms)) * 1_000_000n;
  const lines = passingLines(store, query.of, ns(steps.startMs - query.rangeMs) + 1n, ns(steps.endMs));
  return groupByLabels(lines).map(({ labels, hits }) => {
    refuseBroken(labels);
    return {
      labels,
      points: slide(
        query,
        hits.map(weigh(query)).sort((a, b) => a.ms - b.ms),
        steps
      ),
    };
  });
}

/** A line that its parser could not read would be counted under wrong labels. */
function refuseBroken(labels: LabelSet): void {
  const error = labels['__error__'];
  if (error) {
    const text = Object.keys(labels)
      .sort()
      .map((name) => `${name}=${JSON.stringify(labels[name])}`)
      .join(', ');
    throw new LogQlError(
      `pipeline error: '${error}' for series: '{${text}}'.\n` +
        `Use a label filter to intentionally skip this error. (e.g | __error__!="${error}").\n` +
        'To skip all potential errors you can match empty errors.(e.g __error__="")'
    );
  }
}

interface Weighed {
  ms: number;
  weight: number;
}

function weigh({ op }: RangeQuery): (line: Line) => Weighed {
  return ({ ns, line }) => ({
    ms: Number(ns / 1000n) / 1000,
    weight: op.startsWith('bytes') ? Buffer.byteLength(line) : 1,
  });
}

function slide(
  query: RangeQuery,
  hits: readonly Weighed[],
  { startMs, endMs, stepMs }: Steps
): Array<[number, number]> {
  const divisor = query.op === 'rate' || query.op === 'bytes_rate' ? query.rangeMs / 1000 : 1;
  let [from, to, sum] = [0, 0, 0];
  const points: Array<[number, number]> = [];
  for (let at = startMs; at <= endMs; at += stepMs) {
    for (let hit = hits[to]; hit && hit.ms <= at; hit = hits[++to]) {
      sum += hit.weight;
    }
    for (let hit = hits[from]; hit && hit.ms <= at - query.rangeMs; hit = hits[++from]) {
      sum -= hit.weight;
    }
    if (to > from) {
      points.push([at, sum / divisor]);
    }
  }
  return points;
}
