import type { FastifyInstance } from 'fastify';
import { parseSelector } from './logql/parseQuery.ts';
import { type LogStore, type Stream, positionAfter } from './logStore.ts';
import { type Parameters, type Window, windowOf } from './parameters.ts';

/** What labels there are, and how much is kept under them. */
export function addLabelRoutes(app: FastifyInstance, store: LogStore): void {
  app.get<{ Querystring: Parameters }>('/loki/api/v1/labels', async ({ query: asked }) =>
    names(selected(store, asked).flatMap((stream) => Object.keys(stream.labels)))
  );
  app.get<{ Params: { name: string }; Querystring: Parameters }>(
    '/loki/api/v1/label/:name/values',
    async ({ params, query: asked }) =>
      names(selected(store, asked).flatMap((stream) => stream.labels[params.name] ?? []))
  );
  app.get<{ Querystring: Parameters & { match?: string | string[]; 'match[]'?: string | string[] } }>(
    '/loki/api/v1/series',
    async ({ query: asked }) => {
      const selectors = [asked['match[]'] ?? asked.match ?? '{}'].flat().map(parseSelector);
      const window = windowOf(asked as Parameters);
      const streams = new Set(selectors.flatMap((matchers) => store.select(matchers)));
      const data = [...streams].filter((stream) => size(stream, window).entries > 0).map((stream) => stream.labels);
      return { status: 'success', data };
    }
  );
  app.get<{ Querystring: Parameters }>('/loki/api/v1/index/stats', async ({ query: asked }) => {
    const window = windowOf(asked);
    const sizes = selected(store, asked).map((stream) => size(stream, window));
    const total = (of: (one: { entries: number; bytes: number }) => number) =>
      sizes.reduce((sum, one) => sum + of(one), 0);
    const [entries, bytes] = [total((one) => one.entries), total((one) => one.bytes)];
    return { streams: sizes.length, chunks: sizes.length, bytes, entries };
  });
}

/** Streams of the selector in `query`, or all, that have a line in the window. */
function selected(store: LogStore, asked: Parameters): Stream[] {
  const window = windowOf(asked);
  const streams = asked.query ? store.select(parseSelector(asked.query)) : store.all();
  return streams.filter((stream) => size(stream, window).entries > 0);
}

function size({ entries }: Stream, { startNs, endNs }: Window): { entries: number; bytes: number } {
  const inside = entries.slice(positionAfter(entries, startNs - 1n), positionAfter(entries, endNs));
  return { entries: inside.length, bytes: inside.reduce((sum, { line }) => sum + Buffer.byteLength(line), 0) };
}

/** Loki leaves `data` out when there is nothing to name. */
function names(all: readonly string[]): { status: string; data?: string[] } {
  const data = [...new Set(all)].sort();
  return data.length > 0 ? { status: 'success', data } : { status: 'success' };
}
