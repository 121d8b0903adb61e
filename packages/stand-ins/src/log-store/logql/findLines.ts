import { type LogStore, keyOf, positionAfter } from '../logStore.ts';
import type { LabelSet } from './matchers.ts';
import { pipelineOf } from './pipeline.ts';
import type { LogQuery } from './query.ts';

export interface Line {
  labels: LabelSet;
  ns: bigint;
  line: string;
}

/** Lines of one set of labels, in the order asked for. */
export interface FoundStream {
  labels: LabelSet;
  entries: Array<{ ns: bigint; line: string }>;
}

export interface LogWindow {
  startNs: bigint;
  endNs: bigint;
  limit: number;
  direction: 'forward' | 'backward';
}

/** Lines from `startNs` on and before `endNs`, at most `limit` over all streams. */
export function findLines(store: LogStore, query: LogQuery, window: LogWindow): FoundStream[] {
  const hits = passingLines(store, query, window.startNs, window.endNs - 1n);
  hits.sort((a, b) => (a.ns < b.ns ? -1 : a.ns > b.ns ? 1 : 0) * (window.direction === 'forward' ? 1 : -1));
  const groups = groupByLabels(hits.slice(0, window.limit));
  return groups.map(({ labels, hits: entries }) => ({ labels, entries }));
}

/** What passes the query's stages from `fromNs` to `toNs`, both included. */
export function passingLines(store: LogStore, query: LogQuery, fromNs: bigint, toNs: bigint): Line[] {
  const run = pipelineOf(query.stages);
  return store.select(query.matchers).flatMap((stream) => {
    const slice = stream.entries.slice(positionAfter(stream.entries, fromNs - 1n), positionAfter(stream.entries, toNs));
    return slice.flatMap(({ ns, line, metadata }) => {
      const labels = run(line, metadata ? withMetadata(stream.labels, metadata) : stream.labels);
      return labels ? [{ labels, ns, line }] : [];
    });
  });
}

/** Structured metadata are labels of the one line; a name that the stream has gets `_extracted` behind it. */
function withMetadata(labels: LabelSet, metadata: LabelSet): LabelSet {
  const renamed = Object.entries(metadata).map(([name, value]) => [
    Object.hasOwn(labels, name) ? `${name}_extracted` : name,
    value,
  ]);
  return { ...labels, ...Object.fromEntries(renamed) };
}

/** Puts together what has the same labels, in the order of the hits. */
export function groupByLabels<T extends { labels: LabelSet }>(
  hits: readonly T[]
): Array<{ labels: LabelSet; hits: T[] }> {
  const groups = new Map<string, { labels: LabelSet; hits: T[] }>();
  // Lines of a stream share one object: its key is made once.
  const keys = new Map<LabelSet, string>();
  for (const hit of hits) {
    const key = keys.get(hit.labels) ?? keyOf(hit.labels);
    keys.set(hit.labels, key);
    const group = groups.get(key) ?? { labels: hit.labels, hits: [] };
    groups.set(key, group);
    group.hits.push(hit);
  }
  return [...groups.values()];
}
