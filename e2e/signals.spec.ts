import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { expect, test } from '@playwright/test';
import { apiAs } from './login';
import { Records, until, type Series } from './records';
import { exemptions } from './signalExemptions';
import { filledIn, queriesOfDashboards, type PanelQuery } from './signalQueries';
import { ServiceSamples } from './signalSamples';
import { currentStack } from './stack';

/**
 * Every query of every dashboard, while the drill `signals` makes everything move. The file's name lets it run last: what
 * it breaks is no other test's fault.
 */
const drillSeconds = 150;

test('every query of every dashboard answers labelled series that move in a drill, or is exempted for a reason', async () => {
  test.setTimeout(240_000);
  const stack = currentStack();
  const records = new Records(stack);
  const queries = queriesOfDashboards();
  const [{ metric }] = await until('targets of Prometheus', 20, () => records.series('up', secondsAgo(5), 5));
  const site = { country: metric.country, env: metric.env };
  const api = await apiAs(stack, 'viewer');
  const samples = new ServiceSamples(api, queries, site);
  const since = secondsAgo(20);
  await samples.take();
  const drill = runDrill(stack.dataDir);
  for (let running = true; running;) {
    await samples.take();
    running = await Promise.race([drill.ended.then(() => false), pause(1000).then(() => true)]);
  }
  expect(drill.output(), 'the drill itself').toMatch(/everything moved/);

  const answers = (query: PanelQuery): Promise<Series[]> =>
    query.source === 'service'
      ? samples.take().then(() => samples.seriesOf(query))
      : query.source === 'loki'
        ? records.logSeries(filledIn(query.expr, site), since, 1)
        : records.series(filledIn(query.expr, site), since, 1);
  const unused = new Set(exemptions);
  let left = queries;
  let wrong: string[] = [];
  // A window may have to pass, and Prometheus to look once more, before the last of it is seen.
  for (const deadline = Date.now() + 20_000; left.length > 0 && Date.now() < deadline;) {
    wrong = [];
    const still: PanelQuery[] = [];
    for (const query of left) {
      const problem = problemOf(query, await answers(query), unused);
      if (problem) {
        still.push(query);
        wrong.push(`${query.name}: ${problem}: ${query.expr || query.queryType}`);
      }
    }
    left = still;
  }
  await api.dispose();
  expect(wrong).toEqual([]);
  expect(
    [...unused].map(({ query }) => String(query)),
    'exemptions that no query needs'
  ).toEqual([]);
});

test('a query on what nobody has, a constant and a value without labels are found out', async () => {
  const records = new Records(currentStack());
  const ask = (expr: string) => records.series(expr, secondsAgo(30), 1);
  expect(verdictOf(await ask('dfr_no_such_metric'))).toBe('no series');
  expect(verdictOf(await ask('sum(up) or vector(0)'))).toBe('no labels');
  expect(verdictOf(await ask('label_replace(vector(1), "service", "odoo", "", "")'))).toBe('it stands still');
  expect(verdictOf(await ask('label_replace(vector(time()), "service", "odoo", "", "")'))).toBeNull();
});

/** What is wrong with a query's answer; null when it is well or exempted. Exemptions that were needed leave `unused`. */
function problemOf(query: PanelQuery, series: Series[], unused: Set<(typeof exemptions)[number]>): string | null {
  if (/or\s+vector\s*\(/.test(query.expr)) {
    return 'it hides what is missing behind `or vector`';
  }
  const verdict = verdictOf(series);
  const exemption = exemptions.find((one) => one.query.test(query.expr));
  if (exemption && (verdict !== null || exemption.mayMove)) {
    unused.delete(exemption);
  }
  if (verdict === null || !exemption) {
    return verdict;
  }
  return verdict === 'it stands still' || exemption.silent ? null : verdict;
}

function verdictOf(series: Series[]): string | null {
  if (series.length === 0) {
    return 'no series';
  }
  if (!series.some(({ metric }) => Object.keys(metric).some((label) => label !== '__name__'))) {
    return 'no labels';
  }
  const most = Math.max(...series.map(({ values }) => values.length));
  const moved = series.some(
    ({ values }) => new Set(values.map(([, value]) => value)).size > 1 || values.length < most || hasGap(values)
  );
  return moved ? null : 'it stands still';
}

/** Whether it was away for a while between two samples, which are a second apart. */
function hasGap(values: Series['values']): boolean {
  return values.some(([at], index) => index > 0 && Number(at) - Number(values[index - 1][0]) > 1.5);
}

function runDrill(dataDir: string): { ended: Promise<void>; output: () => string } {
  const child = spawn('node', ['packages/launcher/src/drills/cli.ts', 'signals', '--data', dataDir], {
    cwd: resolve(__dirname, '..'),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (part: Buffer) => (output += part.toString()));
  child.stderr.on('data', (part: Buffer) => (output += part.toString()));
  // It takes everything back before it ends.
  const timer = setTimeout(() => child.kill('SIGTERM'), drillSeconds * 1000);
  const ended = once(child, 'exit').then(() => clearTimeout(timer));
  return { ended, output: () => output };
}

const secondsAgo = (seconds: number): Date => new Date(Date.now() - seconds * 1000);
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
