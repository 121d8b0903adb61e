import type { FastifyInstance } from 'fastify';
import { type Series, evaluate } from './logql/evaluate.ts';
import { findLines } from './logql/findLines.ts';
import { parseQuery } from './logql/parseQuery.ts';
import { LogQlError } from './logql/query.ts';
import type { LogStore } from './logStore.ts';
import {
  type Parameters,
  type QueryLimits,
  directionOf,
  limitOf,
  refuseLongWindow,
  stepsOf,
  toMs,
  windowOf,
} from './parameters.ts';
import { parseTimeNs } from './times.ts';

export function addQueryRoutes(app: FastifyInstance, store: LogStore, limits: QueryLimits): void {
  app.get<{ Querystring: Parameters }>('/loki/api/v1/query_range', async ({ query: asked }) => {
    const query = parseQuery(asked.query ?? '');
    const window = windowOf(asked);
    const [limit, direction] = [limitOf(asked, limits), directionOf(asked)];
    refuseLongWindow(window, limits);
    if (query.kind === 'log') {
      const streams = findLines(store, query, { ...window, direction, limit });
      const result = streams.map(({ labels, entries }) => ({
        stream: labels,
        values: entries.map(({ ns, line }) => [String(ns), line]),
      }));
      return success('streams', result);
    }
    const series = evaluate(store, query, stepsOf(asked, window));
    return success('matrix', series.filter(({ points }) => points.length > 0).map(toMatrix));
  });

  app.get<{ Querystring: Parameters }>('/loki/api/v1/query', async ({ query: asked }) => {
    const query = parseQuery(asked.query ?? '');
    if (query.kind === 'log') {
      throw new LogQlError(
        'log queries are not supported as an instant query type, please change your query to a range query type'
      );
    }
    const at = asked.time ? toMs(parseTimeNs(asked.time, 'time')) : Date.now();
    const series = evaluate(store, query, { startMs: at, endMs: at, stepMs: 1000 });
    const vector = series.flatMap(({ labels, points }) =>
      points.map(([ms, value]) => ({ metric: labels, value: [ms / 1000, String(value)] }))
    );
    return success('vector', vector);
  });
}

function toMatrix({ labels, points }: Series) {
  return { metric: labels, values: points.map(([ms, value]) => [ms / 1000, String(value)]) };
}

function success(resultType: string, result: unknown[]): unknown {
  return { status: 'success', data: { resultType, result, stats: {} } };
}
