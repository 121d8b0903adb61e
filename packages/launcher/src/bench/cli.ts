import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { drills } from '../drills/drillList.ts';
import { runDrill, type DrillResult } from '../drills/runDrill.ts';
import { repoRoot } from '../native/context.ts';
import { describeProblem, StartProblem } from '../problem.ts';
import { loadValues } from '../provision/loadValues.ts';
import { provisioningFolder } from '../provision/render.ts';
import { readSecret, readStackFile, type StackFile } from '../stackFile.ts';
import { drillFigures, firingBound, formatFigures, scaleFigures, startFigure, type Figure } from './figures.ts';
import { measureScale } from './scale.ts';
import { measureService } from './service.ts';
import { type Shape, takeShape } from './shape.ts';

const help = `Usage: npm run bench [-- --json] [--no-drills] [--no-scale] [--no-service | --service-only]

Starts a stack of its own on free ports with fresh data and runs every drill on it; then puts that stack's series before a second
Prometheus as those of 20 countries, and measures production's rules and every query of the dashboards there; then measures the
action service by itself, its PostgreSQL with fsync on. Prints what it measured beside its goals, and how busy the machine was. Ends
with 1 when a goal was missed. About ten minutes; --service-only: two.
  --json   one JSON object per figure and line: {name, value, unit, goal, ok}`;

async function main(args: string[]): Promise<number> {
  const { values } = readArguments(args);
  if (values.help) {
    console.log(help);
    return 0;
  }
  if (values['service-only']) {
    return print(await measureService(), [load()], values.json);
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'dfr-ops-bench-'));
  chmodSync(dataDir, 0o755);
  const launcher = spawn(
    process.execPath,
    [join(repoRoot, 'packages/launcher/bin/start.mjs'), '--port-base', 'auto', '--data', dataDir, '--no-drill'],
    { stdio: ['ignore', 2, 2] }
  );
  const stop = () => launcher.kill('SIGTERM');
  process.on('SIGINT', stop).on('SIGTERM', stop).on('disconnect', stop);
  try {
    const busy = [load()];
    const begun = Date.now();
    const stack = await waitUntilReady(launcher, dataDir);
    const figures = [startFigure((Date.now() - begun) / 1000)];
    if (!values['no-drills']) {
      figures.push(...(await drillAll(stack)));
    }
    busy.push(load());
    if (!values['no-scale']) {
      const shape = await shapeOf(stack);
      await end(launcher);
      figures.push(...scaleFigures(await measureScale(shape, (line) => console.error(line))));
    }
    busy.push(load());
    if (!values['no-service']) {
      await end(launcher);
      figures.push(...(await measureService()));
    }
    return print(figures, busy, values.json);
  } finally {
    await end(launcher);
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** `busy`: the load when each part began. */
function print(figures: readonly Figure[], busy: string[], json: boolean): number {
  console.log(json ? figures.map((figure) => JSON.stringify(figure)).join('\n') : formatFigures(figures));
  console.error(
    `${cpus().length} processors; load in the minute before each part and the end: ${[...busy, load()].join(', ')}`
  );
  return figures.every((figure) => figure.ok) ? 0 : 1;
}

const load = () => (loadavg()[0] ?? 0).toFixed(1);

function shapeOf({ addresses, credentials }: StackFile): Promise<Shape> {
  const { user, passwordFile } = credentials.prometheus;
  return takeShape(addresses.prometheus, { user, password: readSecret(passwordFile) });
}

async function drillAll(stack: StackFile): Promise<Figure[]> {
  const figures: Figure[] = [];
  const demo = await loadValues(provisioningFolder, 'demo');
  // Odoo last: for some seconds after it was down, the error rate at Nginx is not told as news of its own.
  const order = drills.toSorted((a, b) => Number(a.name === 'odoo-down') - Number(b.name === 'odoo-down'));
  for (const drill of order) {
    const result: DrillResult = await runDrill(drill, stack, { act: true, onPhase: () => {}, tell: () => {} });
    if (result.problem) {
      console.error(`${drill.name}: ${result.problem}`);
    }
    figures.push(...drillFigures(result, firingBound(demo, drill.alert)));
  }
  return figures;
}

async function waitUntilReady(launcher: ChildProcess, dataDir: string): Promise<StackFile> {
  while (launcher.exitCode === null) {
    if (
      existsSync(join(dataDir, 'stack.json')) &&
      JSON.parse(readFileSync(join(dataDir, 'stack.json'), 'utf8')).readyAt
    ) {
      return readStackFile(dataDir);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new StartProblem('bench', 'the stack did not start', 'Its message is above.');
}

async function end(launcher: ChildProcess): Promise<void> {
  if (launcher.exitCode !== null) {
    return;
  }
  const ended = new Promise((resolve) => launcher.once('exit', resolve));
  launcher.kill('SIGTERM');
  await ended;
}

function readArguments(args: string[]) {
  try {
    const flag = { type: 'boolean', default: false } as const;
    return parseArgs({
      args,
      options: {
        help: flag,
        json: flag,
        'no-drills': flag,
        'no-scale': flag,
        'no-service': flag,
        'service-only': flag,
        'no-install': flag,
      },
    });
  } catch (error) {
    throw new StartProblem('bench', (error as Error).message, 'npm run bench -- --help lists the flags.');
  }
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(describeProblem(error));
    process.exit(1);
  }
);
