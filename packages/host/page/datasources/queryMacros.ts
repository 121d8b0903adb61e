import { type DataQueryRequest, type ScopedVars, rangeUtil } from '@grafana/data';

/** Servers refuse more than 11,000 points a series. */
const maxPoints = 11_000;

/**
 * The step of a range query in seconds: the panel's interval, at least the query's or the datasource's shortest one,
 * and never so short that the server refuses.
 */
export function stepSeconds(request: DataQueryRequest, shortest: string): number {
  const shortestMs = rangeUtil.intervalToMs(shortest);
  const rangeMs = request.range.to.valueOf() - request.range.from.valueOf();
  const interval = Math.max(request.intervalMs, shortestMs) / 1000;
  const safest = rangeMs / 1000 / maxPoints;
  const step = Math.max(interval, safest > 1 ? Math.ceil(safest) : safest);
  return step >= 1 ? Math.round(step) : Math.max(step, 0.001);
}

/** `$__interval`, `$__rate_interval`, `$__range` and their numbers; the rate interval spans at least four scrapes. */
export function intervalVariables(request: DataQueryRequest, step: number, scrapeInterval: string): ScopedVars {
  const scrape = rangeUtil.intervalToSeconds(scrapeInterval);
  const rateInterval = Math.max(step + scrape, 4 * scrape);
  const range = Math.max(1, Math.round((request.range.to.valueOf() - request.range.from.valueOf()) / 1000));
  const variable = (value: string | number) => ({ text: String(value), value });
  return {
    ...request.scopedVars,
    __interval: variable(step >= 1 ? `${step}s` : `${Math.round(step * 1000)}ms`),
    __interval_ms: variable(Math.round(step * 1000)),
    __rate_interval: variable(`${Math.ceil(rateInterval)}s`),
    __range: variable(`${range}s`),
    __range_s: variable(range),
    __range_ms: variable(range * 1000),
  };
}

/** A variable's value inside a matcher: several become alternatives, one is taken as it is unless regex special. */
export function matcherValue(value: unknown): string {
  const values = (Array.isArray(value) ? value : [value]).map((one) => String(one));
  const escape = (one: string) => one.replace(/[\\^$*+?.()|[\]{}]/g, '\\\\$&').replaceAll('"', '\\"');
  return values.length === 1 ? (values[0] as string).replaceAll('"', '\\"') : `(${values.map(escape).join('|')})`;
}
