import { lastValueFrom, timeout } from 'rxjs';
import { getBackendSrv } from '@grafana/runtime';
import { messageOfFetchError, patienceMs } from './messageOfFetchError';

const prometheus = '/api/datasources/proxy/uid/dfr-prometheus/api/v1';

/** One series as Prometheus answers it: times in s since 1970, values as numbers (NaN and ±Inf included). */
export type Series = { labels: Record<string, string>; times: number[]; values: number[] };

type PrometheusAnswer = {
  data: { resultType: string; result: Array<{ metric: Record<string, string>; values?: Sample[]; value?: Sample }> };
};
type Sample = [number, string];

/**
 * Range query through Grafana's datasource proxy. `from`, `to` in ms since 1970; about `points` samples come back.
 * Throws an Error with Prometheus's own words when it refuses the query or cannot be reached.
 */
export async function queryPrometheusRange(expr: string, from: number, to: number, points = 240): Promise<Series[]> {
  const step = Math.max(1, Math.ceil((to - from) / 1000 / points));
  return ask('query_range', { query: expr, start: from / 1000, end: to / 1000, step });
}

/** Instant query: each series has the one sample of now. Throws as {@link queryPrometheusRange}. */
export async function queryPrometheus(expr: string): Promise<Series[]> {
  return ask('query', { query: expr });
}

async function ask(path: string, params: Record<string, string | number>): Promise<Series[]> {
  try {
    const answer = await lastValueFrom(
      getBackendSrv()
        .fetch<PrometheusAnswer>({ url: `${prometheus}/${path}`, params, showErrorAlert: false })
        .pipe(timeout(patienceMs))
    );
    return answer.data.data.result.map(({ metric, values, value }) => {
      const samples = values ?? (value ? [value] : []);
      return { labels: metric, times: samples.map(([at]) => at), values: samples.map(([, text]) => numberOf(text)) };
    });
  } catch (error) {
    throw new Error(messageOfFetchError(error, 'Prometheus'), { cause: error });
  }
}

function numberOf(text: string): number {
  return text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text);
}
