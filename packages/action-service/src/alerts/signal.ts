import type { Labels } from '@dfr-ops/contracts';
import type { Prometheus } from '../connectors/prometheus.ts';

/** What the samples behind an alert say. Times in ms since 1970. */
export type Freshness =
  /** The newest sample is from `at`, recent enough to be believed. */
  | { state: 'fresh'; at: number }
  /** The newest sample is from `at` (null: there is none at all): nothing is known of now. */
  | { state: 'old'; at: number | null }
  /** The rule names no `fresh_query`. */
  | { state: 'undefined' }
  /** Not asked this time. */
  | { state: 'unasked' };

/** How old (ms) the newest sample may be: four evaluations, and never less than ten seconds. */
export function freshLimit(intervalSeconds: number): number {
  return Math.max(10_000, intervalSeconds * 4000);
}

/** Asks the annotation `fresh_query`, which answers the unix time (s) of the newest sample behind the signal. */
export async function askFreshness(
  prometheus: Prometheus,
  annotations: Labels,
  clock: { now: number; intervalSeconds: number },
  signal?: AbortSignal
): Promise<Freshness> {
  const query = annotations.fresh_query;
  if (!query) {
    return { state: 'undefined' };
  }
  const seconds = await askNumber(prometheus, query, signal);
  const at = seconds === null ? null : Math.round(seconds * 1000);
  return at !== null && clock.now - at <= freshLimit(clock.intervalSeconds)
    ? { state: 'fresh', at }
    : { state: 'old', at };
}

/** Asks the annotation `signal_query`: the alert's own value now. Null: the query has no value. Undefined: the rule names none. */
export async function askSignal(
  prometheus: Prometheus,
  annotations: Labels,
  signal?: AbortSignal
): Promise<number | null | undefined> {
  return annotations.signal_query ? askNumber(prometheus, annotations.signal_query, signal) : undefined;
}

/** The query's single number; the greatest where it answers several series; null where it answers none. */
async function askNumber(prometheus: Prometheus, query: string, signal?: AbortSignal): Promise<number | null> {
  const series = await prometheus.query(query, signal);
  const values = series
    .map(({ samples }) => samples.at(-1)?.value)
    .filter((value) => value !== undefined && Number.isFinite(value));
  return values.length === 0 ? null : Math.max(...(values as number[]));
}

/**
 * When Prometheus itself evaluated this alert as firing first and last, from the raw samples of its ALERTS series, whose
 * times are the evaluations' own: the first equals Alertmanager's startsAt. Only samples from `sinceMs` to before `untilMs`
 * count, and those of the last day. Null where there are none.
 */
export async function askFiringSpan(
  prometheus: Prometheus,
  labels: Labels,
  sinceMs: number,
  nowMs: number,
  untilMs = Infinity
): Promise<{ first: number; last: number } | null> {
  const selector = Object.entries({ ...labels, alertstate: 'firing' })
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',');
  const window = Math.min(86_400, Math.max(60, Math.ceil((nowMs - sinceMs) / 1000) + 5));
  const series = await prometheus.query(`ALERTS{${selector}}[${window}s]`);
  const times = series
    .flatMap(({ samples }) => samples.map(({ at }) => at))
    .filter((at) => at >= sinceMs && at < untilMs);
  return times.length === 0 ? null : { first: Math.min(...times), last: Math.max(...times) };
}
