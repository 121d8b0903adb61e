import { basicAuthHeader, type BasicAuth } from '../httpProbe.ts';

/** What the rules record of the values themselves. */
const OF_VALUES = /^dfr_ops_(alert_threshold|response_target_seconds)$/;

/** One series of a running stack. `counter`: it only ever grows. `recorded`: a rule made it, no exporter. */
export interface Series {
  labels: Readonly<Record<string, string>>;
  value: number;
  counter: boolean;
  recorded: boolean;
}

/** Every series that a stack's Prometheus has of its country, each with its value now, in seconds since 1970. */
export interface Shape {
  takenAt: number;
  series: Series[];
}

type Sample = { metric: Record<string, string>; value: [number, string] };

/** Asks a running Prometheus for its shape. Throws when it has no series of a country. */
export async function takeShape(prometheusUrl: string, auth: BasicAuth): Promise<Shape> {
  const ask = async <T>(path: string) => {
    const answer = await fetch(`${prometheusUrl}/api/v1/${path}`, {
      headers: { authorization: basicAuthHeader(auth) },
      signal: AbortSignal.timeout(30_000),
    });
    if (!answer.ok) {
      throw new Error(`Prometheus answered ${answer.status} to ${path}`);
    }
    return ((await answer.json()) as { data: T }).data;
  };
  const selector = encodeURIComponent('{country!="",__name__!~"ALERTS.*"}');
  const { result } = await ask<{ result: Sample[] }>(`query?query=${selector}`);
  const metadata = await ask<Record<string, Array<{ type: string }>>>('metadata');
  if (result.length === 0) {
    throw new Error(`${prometheusUrl} has no series with a country.`);
  }
  const series = result.map(({ metric, value: [, text] }) => {
    const name = metric['__name__'] ?? '';
    return {
      labels: metric,
      value: Number(text),
      counter: isCounter(name, (of) => metadata[of]?.[0]?.type),
      recorded: name.startsWith('dfr:') || OF_VALUES.test(name),
    };
  });
  return { takenAt: result[0]?.value[0] ?? 0, series: series.filter(({ value }) => Number.isFinite(value)) };
}

/** By its type; `pg_stat_activity_count` is a gauge, while a histogram's `…_count` grows. */
export function isCounter(name: string, typeOf: (name: string) => string | undefined): boolean {
  const [whole, part] = name.split(/_(count|sum|bucket)$/);
  const ofWhole = typeOf(whole ?? name);
  const grows = part !== undefined && (ofWhole === 'histogram' || ofWhole === 'summary');
  return grows || /_total$/.test(name) || typeOf(name) === 'counter';
}

const ONCE_JOBS = new Set(['prometheus', 'alertmanager', 'loki', 'dfr_ops']);
const ONCE_RECORDED = /^dfr:(notifications_failed|rule_failures):/;

/**
 * What Odoo, PostgreSQL, Nginx, the hosts and the backups say, for each of the countries; what the monitoring says of itself, for
 * the first alone, since there is one monitoring.
 */
export function forCountries(shape: Shape, countries: readonly string[], env: string): Series[] {
  return countries.flatMap((country, index) =>
    shape.series
      .filter(({ labels }) => index === 0 || !saidOnce(labels))
      .map((one) => ({ ...one, labels: { ...one.labels, country, env } }))
  );
}

function saidOnce(labels: Series['labels']): boolean {
  const name = labels['__name__'] ?? '';
  // Odoo's workers are counted by the action service.
  return (
    (ONCE_JOBS.has(labels['job'] ?? '') && !name.startsWith('odoo_')) ||
    ONCE_RECORDED.test(name) ||
    OF_VALUES.test(name)
  );
}

const NEAR_SECONDS = 90 * 86_400;

/** What the series says at `at` (seconds since 1970): counters grow by their own value an hour, times keep their distance. */
export function valueAt({ value, counter }: Series, takenAt: number, at: number): number {
  if (counter) {
    return value + (value * (at - takenAt)) / 3600 + value * 24;
  }
  return Math.abs(value - takenAt) < NEAR_SECONDS ? value + at - takenAt : value;
}
