import { keyOf, positionAfter, type LogStore } from '../logStore.ts';
import { matcherOf, pipelineOf, type LabelSet } from './pipeline.ts';
import { LogQlError, type LogQuery, type MetricQuery } from './query.ts';

/** Lines of one set of labels, in the order asked for. */
export interface FoundStream {
  labels: LabelSet;
  entries: Array<{ ns: bigint; line: string }>;
}

/** Points of one set of labels; times in ms. */
export interface Series {
  labels: LabelSet;
  points: Array<[number, number]>;
}

export interface LogWindow {
  startNs: bigint;
  endNs: bigint;
  limit: number;
  direction: 'forward' | 'backward';
}

export interface Steps {
  startMs: number;
  endMs: number;
  stepMs: number;
}

const maxPoints = 11_000;

/** Lines from `startNs` on and before `endNs`, at most `limit` over all streams. */
export function findLines(store: LogStore, query: LogQuery, window: LogWindow): FoundStream[] {
  const hits = passing(store, query, window.startNs, window.endNs - 1n);
  hits.sort((a, b) => (a.ns < b.ns ? -1 : a.ns > b.ns ? 1 : 0) * (window.direction === 'forward' ? 1 : -1));
  const streams = new Map<string, FoundStream>();
  for (const { labels, ns, line } of hits.slice(0, window.limit)) {
    const key = keyOf(labels);
    const stream = streams.get(key) ?? { labels, entries: [] };
    streams.set(key, stream);
    stream.entries.push({ ns, line });
  }
  return [...streams.values()];
}

/** Values at every step from start to end, both included. @throws LogQlError for more than 11,000 points a series */
export function evaluate(store: LogStore, query: MetricQuery, steps: Steps): Series[] {
  if ((steps.endMs - steps.startMs) / steps.stepMs > maxPoints) {
    throw new LogQlError(
      'exceeded maximum resolution of 11,000 points per timeseries. Try increasing the value of the step parameter'
    );
  }
  switch (query.kind) {
    case 'range':
      return overRange(store, query, steps);
    case 'constant':
      return [{ labels: {}, points: timesOf(steps).map((at) => [at, query.value]) }];
    case 'binary':
      return combine(query.op, evaluate(store, query.left, steps), evaluate(store, query.right, steps));
    default:
      return aggregate(query, evaluate(store, query.of, steps));
  }
}

function passing(
  store: LogStore,
  query: LogQuery,
  fromNs: bigint,
  toNs: bigint
): Array<{ labels: LabelSet; ns: bigint; line: string }> {
  const run = pipelineOf(query.stages);
  return store.select(query.matchers).flatMap((stream) => {
    const slice = stream.entries.slice(positionAfter(stream.entries, fromNs - 1n), positionAfter(stream.entries, toNs));
    return slice.flatMap(({ ns, line }) => {
      const labels = run(line, stream.labels);
      return labels ? [{ labels, ns, line }] : [];
    });
  });
}

function timesOf({ startMs, endMs, stepMs }: Steps): number[] {
  const times: number[] = [];
  for (let at = startMs; at <= endMs; at += stepMs) {
    times.push(at);
  }
  return times;
}

function overRange(store: LogStore, query: Extract<MetricQuery, { kind: 'range' }>, steps: Steps): Series[] {
  const ns = (ms: number) => BigInt(Math.round(ms)) * 1_000_000n;
  const groups = new Map<string, { labels: LabelSet; hits: Array<{ ms: number; bytes: number }> }>();
  for (const hit of passing(store, query.of, ns(steps.startMs - query.rangeMs) + 1n, ns(steps.endMs))) {
    const key = keyOf(hit.labels);
    const group = groups.get(key) ?? { labels: hit.labels, hits: [] };
    groups.set(key, group);
    group.hits.push({ ms: Number(hit.ns / 1_000n) / 1000, bytes: Buffer.byteLength(hit.line) });
  }
  return [...groups.values()].map(({ labels, hits }) => ({
    labels,
    points: slide(
      query,
      hits.sort((a, b) => a.ms - b.ms),
      steps
    ),
  }));
}

/** Windows (t − range, t] over hits in order of time; a window without a line has no point, as in Loki. */
function slide(
  query: Extract<MetricQuery, { kind: 'range' }>,
  hits: Array<{ ms: number; bytes: number }>,
  steps: Steps
): Array<[number, number]> {
  const weight = (hit: { bytes: number }) => (query.op.startsWith('bytes') ? hit.bytes : 1);
  const divisor = query.op === 'rate' || query.op === 'bytes_rate' ? query.rangeMs / 1000 : 1;
  let from = 0;
  let to = 0;
  let sum = 0;
  const points: Array<[number, number]> = [];
  for (const at of timesOf(steps)) {
    for (let hit = hits[to]; hit && hit.ms <= at; hit = hits[++to]) {
      sum += weight(hit);
    }
    for (let hit = hits[from]; hit && hit.ms <= at - query.rangeMs; hit = hits[++from]) {
      sum -= weight(hit);
    }
    if (to > from) {
      points.push([at, sum / divisor]);
    }
  }
  return points;
}

function aggregate(query: Extract<MetricQuery, { of: MetricQuery }>, series: Series[]): Series[] {
  const groups = new Map<string, { labels: LabelSet; values: Map<number, number[]> }>();
  for (const { labels, points } of series) {
    const kept = keptLabels(labels, query.by, query.without);
    const key = keyOf(kept);
    const group = groups.get(key) ?? { labels: kept, values: new Map() };
    groups.set(key, group);
    for (const [at, value] of points) {
      group.values.set(at, [...(group.values.get(at) ?? []), value]);
    }
  }
  return [...groups.values()].map(({ labels, values }) => ({
    labels,
    points: [...values].sort(([a], [b]) => a - b).map(([at, all]) => [at, reducers[query.kind](all)]),
  }));
}

const total = (values: number[]) => values.reduce((sum, value) => sum + value, 0);
const reducers = {
  sum: total,
  min: (values: number[]) => Math.min(...values),
  max: (values: number[]) => Math.max(...values),
  avg: (values: number[]) => total(values) / values.length,
  count: (values: number[]) => values.length,
};

function keptLabels(labels: LabelSet, by: string[] | null, without: string[] | null): LabelSet {
  const keep = (name: string) => (without ? !without.includes(name) : (by ?? []).includes(name));
  return Object.fromEntries(Object.entries(labels).filter(([name, value]) => keep(name) && value !== ''));
}

function combine(op: '+' | '-' | '*' | '/', left: Series[], right: Series[]): Series[] {
  const apply = {
    '+': (a: number, b: number) => a + b,
    '-': (a: number, b: number) => a - b,
    '*': (a: number, b: number) => a * b,
    '/': (a: number, b: number) => a / b,
  }[op];
  return left.flatMap(({ labels, points }) => {
    const matches = matcherOf(Object.entries(labels).map(([name, value]) => ({ name, op: '=' as const, value })));
    const other = right.find(
      (candidate) => matches(candidate.labels) && Object.keys(candidate.labels).length === Object.keys(labels).length
    );
    if (!other) {
      return [];
    }
    const values = new Map(other.points);
    return [
      {
        labels,
        points: points.flatMap(([at, value]): Array<[number, number]> =>
          values.has(at) ? [[at, apply(value, values.get(at) ?? 0)]] : []
        ),
      },
    ];
  });
}
