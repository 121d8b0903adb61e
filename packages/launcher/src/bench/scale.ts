import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repoRoot } from '../native/context.ts';
import { durationMs } from '../provision/values.ts';
import { startBenchPrometheus } from './benchPrometheus.ts';
import { dashboardQueries, timeQueries, type QueryTime } from './dashboardQueries.ts';
import { serveSeries } from './exposition.ts';
import { writeHistory } from './history.ts';
import { ruleCycles } from './ruleCycles.ts';
import { forCountries, type Series, type Shape } from './shape.ts';

export interface ScaleResult {
  countries: number;
  /** Series that are scraped of all countries together. */
  series: number;
  /** Samples of the six hours behind. */
  samples: number;
  /** Milliseconds of each cycle of the whole rule set. */
  cycles: number[];
  /** Slowest first. */
  queries: QueryTime[];
}

const countryCount = 20;
const historySeconds = 6 * 3600;
const cycleCount = 12;

/**
 * Puts one stack's series before a Prometheus as those of 20 countries, each with Odoo, PostgreSQL, Nginx and host, and measures
 * production's rules and the dashboards' queries on them. `say` hears what goes on.
 */
export async function measureScale(shape: Shape, say: (line: string) => void): Promise<ScaleResult> {
  const [first = '', ...others] = Array.from({ length: countryCount }, (_, index) => `C${index + 1}`);
  // Recorded thresholds have the country of the values.
  const countries = ['SLE', first, ...others].slice(0, countryCount);
  const env = 'production';
  const series = forCountries(shape, countries, env).map((one) =>
    one.labels['country'] === 'SLE' ? one : atRest(one)
  );
  const { address, server } = await serveSeries(series, shape.takenAt);
  const prometheus = await startBenchPrometheus(address);
  try {
    const step = durationMs(prometheus.values.prometheus.scrapeInterval) / 1000;
    const named = await namesAsked();
    const kept = series.filter(({ labels }) => named.has(labels['__name__'] ?? ''));
    const to = Math.floor(Date.now() / 1000);
    say(`writing six hours of ${kept.length} series …`);
    const history = { takenAt: shape.takenAt, from: to - historySeconds, to, stepSeconds: step };
    const samples = await writeHistory(prometheus.url, kept, history);
    await prometheus.watch(countries);
    say(`${cycleCount} cycles of the rules …`);
    const cycles = await ruleCycles(
      prometheus.url,
      cycleCount,
      durationMs(prometheus.values.prometheus.evaluationInterval)
    );
    const rateInterval = `${4 * step}s`;
    const asked = await dashboardQueries(join(repoRoot, 'dashboards'), { country: 'SLE', env, rateInterval });
    say(`${asked.length} queries of the dashboards …`);
    const queries = await timeQueries(prometheus.url, asked, Math.floor(Date.now() / 1000));
    const scraped = series.filter(({ recorded }) => !recorded).length;
    return { countries: countries.length, series: scraped, samples, cycles, queries };
  } finally {
    await prometheus.stop();
    server.closeAllConnections();
    server.close();
  }
}

/**
 * The demonstration has one worker and a job that failed, which production's thresholds call wrong: one country in trouble is
 * what there is to watch, twenty at once are not.
 */
function atRest(one: Series): Series {
  const name = one.labels['__name__'];
  if (name === 'odoo_active_workers') {
    return { ...one, value: 8 };
  }
  return name === 'odoo_jobs' && one.labels['state'] === 'failed' ? { ...one, value: 0 } : one;
}

/** Every word of the rules and of the dashboards: the metrics that they ask for are among them. */
async function namesAsked(): Promise<Set<string>> {
  const folders = ['provisioning/prometheus/rules', 'dashboards'].map((name) => join(repoRoot, name));
  const files = (
    await Promise.all(folders.map(async (folder) => (await readdir(folder)).map((name) => join(folder, name))))
  ).flat();
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return new Set(texts.flatMap((text) => text.match(/[a-zA-Z_:][\w:]*/g) ?? []));
}
