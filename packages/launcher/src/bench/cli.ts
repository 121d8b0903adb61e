import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { drills } from '../drills/drillList.ts';
import { runDrill, type DrillResult } from '../drills/runDrill.ts';
import { repoRoot } from '../native/context.ts';
import { describeProblem, StartProblem } from '../problem.ts';
import { readStackFile, type StackFile } from '../stackFile.ts';
import { drillFigures, formatFigures, startFigure, type Figure } from './figures.ts';

const help = `Usage: npm run bench [-- --json]

Starts a stack of its own on free ports with fresh data, runs every drill on it, and prints what it measured beside its goals.
Ends with 1 when a goal was missed.
  --json   one JSON object per figure and line: {name, value, unit, goal, ok}`;

async function main(args: string[]): Promise<number> {
  const { values } = readArguments(args);
  if (values.help) {
    console.log(help);
    return 0;
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
    const begun = Date.now();
    const stack = await waitUntilReady(launcher, dataDir);
    const figures = [startFigure((Date.now() - begun) / 1000), ...(await drillAll(stack))];
    console.log(values.json ? figures.map((figure) => JSON.stringify(figure)).join('\n') : formatFigures(figures));
    return figures.every((figure) => figure.ok) ? 0 : 1;
  } finally {
    await end(launcher);
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function drillAll(stack: StackFile): Promise<Figure[]> {
  const figures: Figure[] = [];
  // Odoo last: for some seconds after it was down, the error rate at Nginx is not told as news of its own.
  const order = drills.toSorted((a, b) => Number(a.name === 'odoo-down') - Number(b.name === 'odoo-down'));
  for (const drill of order) {
    const result: DrillResult = await runDrill(drill, stack, { act: true, onPhase: () => {}, tell: () => {} });
    if (result.problem) {
      console.error(`${drill.name}: ${result.problem}`);
    }
    figures.push(...drillFigures(result));
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
    return parseArgs({ args, options: { help: flag, json: flag, 'no-install': flag } });
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
