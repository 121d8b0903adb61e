import { lastValueFrom, timeout } from 'rxjs';
import { getBackendSrv } from '@grafana/runtime';
import { messageOfFetchError, patienceMs } from './messageOfFetchError';
import type { Series } from './queryPrometheus';

const loki = '/api/datasources/proxy/uid/dfr-loki/loki/api/v1';

/** A log line; `ns` is Loki's own time, ns since 1970, as written on the wire. */
export type LogLine = { ns: string; time: number; labels: Record<string, string>; text: string };

type StreamsAnswer = { data: { result: Array<{ stream: Record<string, string>; values: Array<[string, string]> }> } };
type MatrixAnswer = { data: { result: Array<{ metric: Record<string, string>; values: Array<[number, string]> }> } };

/** The newest `limit` lines of a window, newest first. Throws an Error with Loki's words when it does not answer. */
export async function queryLokiLines(logQl: string, from: number, to: number, limit = 500): Promise<LogLine[]> {
  const answer = await ask<StreamsAnswer>({
    query: logQl,
    start: nanoseconds(from),
    end: nanoseconds(to),
    limit,
    direction: 'backward',
  });
  const lines = answer.data.result.flatMap(({ stream, values }) =>
    values.map(([ns, text]) => ({ ns, time: Number(ns.slice(0, -6)), labels: stream, text }))
  );
  return lines.sort((a, b) =>
    a.ns.length === b.ns.length ? (a.ns < b.ns ? 1 : a.ns > b.ns ? -1 : 0) : b.ns.length - a.ns.length
  );
}

/**
 * How many lines there are per level in each of about `buckets` steps; `step` is in seconds. A count stands at the start
 * of its step. Steps begin at multiples of their length, as Loki has it, so the first one may begin before the window.
 */
export async function queryLokiHistogram(
  logQl: string,
  from: number,
  to: number,
  buckets = 60
): Promise<{ series: Series[]; step: number }> {
  const step = Math.max(1, Math.ceil((to - from) / 1000 / buckets));
  const stepMs = step * 1000;
  const answer = await ask<MatrixAnswer>({
    query: `sum by (level) (count_over_time(${logQl} [${step}s]))`,
    // A count at t is of the step that ends there.
    start: nanoseconds((Math.floor(from / stepMs) + 1) * stepMs),
    end: nanoseconds(Math.ceil(to / stepMs) * stepMs),
    step,
  });
  const series = answer.data.result.map(({ metric, values }) => ({
    labels: metric,
    times: values.map(([at]) => at - step),
    values: values.map(([, count]) => Number(count)),
  }));
  return { series, step };
}

async function ask<T>(params: Record<string, string | number>): Promise<T> {
  try {
    const answer = await lastValueFrom(
      getBackendSrv()
        .fetch<T>({ url: `${loki}/query_range`, params, showErrorAlert: false })
        .pipe(timeout(patienceMs))
    );
    return answer.data;
  } catch (error) {
    throw new Error(messageOfFetchError(error, 'Loki'), { cause: error });
  }
}

function nanoseconds(milliseconds: number): string {
  return `${Math.round(milliseconds)}000000`;
}
