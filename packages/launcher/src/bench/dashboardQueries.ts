import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { percentile } from './ruleCycles.ts';

interface Target {
  expr?: string;
  datasource?: { uid: string };
}
interface Panel {
  title: string;
  datasource?: { uid: string };
  targets?: Target[];
}
interface Dashboard {
  uid: string;
  panels: Panel[];
}

export interface DashboardQuery {
  /** dashboard: panel */
  name: string;
  expr: string;
}

export interface QueryTime extends DashboardQuery {
  /** Milliseconds of the first time. */
  cold: number;
  /** Median of the following ones. */
  warm: number;
  /** How many series it answered. */
  series: number;
}

/** Every PromQL query of the dashboards in a folder, with one country chosen and everything else set to All. */
export async function dashboardQueries(
  folder: string,
  chosen: { country: string; env: string; rateInterval: string }
): Promise<DashboardQuery[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  const dashboards = await Promise.all(
    files.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as Dashboard)
  );
  const queries = dashboards.flatMap(({ uid, panels }) =>
    panels.flatMap((panel) =>
      (panel.targets ?? [])
        .filter(({ datasource }) => (datasource ?? panel.datasource)?.uid === 'dfr-prometheus')
        .flatMap(({ expr }) => (expr ? [{ name: `${uid}: ${panel.title}`, expr: fill(expr, chosen) }] : []))
    )
  );
  const open = queries.find(({ expr }) => /\$[^\d]/.test(expr));
  if (open) {
    throw new Error(`${open.name}: a variable has no value here: ${open.expr}`);
  }
  return queries;
}

function fill(expr: string, { country, env, rateInterval }: { country: string; env: string; rateInterval: string }) {
  return expr
    .replace(/\$\{?__rate_interval\}?/g, rateInterval)
    .replace(/\$\{?__interval\}?/g, '1m')
    .replace(/\$\{?__range\}?/g, '6h')
    .replace(/\$\{?country(:\w+)?\}?/g, country)
    .replace(/\$\{?env(:\w+)?\}?/g, env)
    .replace(/\$\{?(instance|service)(:\w+)?\}?/g, '.+');
}

const warmTimes = 5;

/** Asks each query for six hours at a step of one minute, first when nobody has asked before, then some times more. */
export async function timeQueries(url: string, queries: readonly DashboardQuery[], end: number): Promise<QueryTime[]> {
  const times: QueryTime[] = [];
  for (const query of queries) {
    const first = await ask(url, query, end);
    const again: number[] = [];
    for (let time = 0; time < warmTimes; time++) {
      again.push((await ask(url, query, end)).milliseconds);
    }
    times.push({ ...query, cold: first.milliseconds, warm: percentile(again, 0.5), series: first.series });
  }
  return times.sort((a, b) => Math.max(b.cold, b.warm) - Math.max(a.cold, a.warm));
}

async function ask(url: string, { name, expr }: DashboardQuery, end: number) {
  const body = new URLSearchParams({ query: expr, start: String(end - 6 * 3600), end: String(end), step: '60' });
  const begun = performance.now();
  const answer = await fetch(`${url}/api/v1/query_range`, {
    method: 'POST',
    body,
    signal: AbortSignal.timeout(60_000),
  });
  const text = await answer.text();
  const milliseconds = performance.now() - begun;
  if (!answer.ok) {
    throw new Error(`${name}: Prometheus answered ${answer.status}: ${text.slice(0, 300)}`);
  }
  return { milliseconds, series: (JSON.parse(text) as { data: { result: unknown[] } }).data.result.length };
}
