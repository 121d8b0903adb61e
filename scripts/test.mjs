// The one test command. Plain JavaScript: it is the first file that runs, possibly on Node 20 and before any package is installed.
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePackages } from '../packages/launcher/bin/bootstrap.mjs';
import { countsOf } from './countTests.mjs';
import { installForTests } from './installForTests.mjs';
import { recordVerified, versionsHere } from './recordVerified.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const logs = join(root, 'build', 'test');
const long = process.argv.includes('--long');
const only = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const marker = randomUUID();

if (process.argv.includes('--help')) {
  console.log(`npm test [-- STEP …]         lint, types, unit, rule, integration and browser tests; STEP runs only the steps named
npm run test:long            the slow suites
  --record                   write what was run on which versions into docs/verified.md`);
  process.exit(0);
}

/**
 * A step is one command. `lane` says what it may run beside: steps of different lanes run at the same time.
 * `kind` says how its tests are counted; a `check` counts as one test.
 */
const quick = [
  { name: 'lint', lane: 'a', kind: 'check', argv: ['npx', '--no-install', 'eslint', '--cache', '.'] },
  { name: 'types', lane: 'a', kind: 'check', argv: ['npm', 'run', 'typecheck'] },
  { name: 'older Grafana', lane: 'a', kind: 'check', argv: ['node', 'scripts/compat.mjs', 'types'] },
  { name: 'unit', lane: 'a', kind: 'jest', argv: ['npx', '--no-install', 'jest', '--maxWorkers', '2', '--json', '--outputFile', join(logs, 'unit.json')] },
  { name: 'levitate', lane: 'a', kind: 'check', argv: ['node', 'scripts/compat.mjs', 'levitate'] },
  { name: 'architecture', lane: 'b', kind: 'node', argv: nodeTests('scripts/*.test.mjs') },
  ...['contracts', 'agent', 'stand-ins', 'launcher', 'host', 'action-service'].map((name) => ({
    name,
    lane: 'b',
    kind: 'node',
    argv: nodeTests(`packages/${name}/src/**/*.test.ts`),
  })),
];
const browser = [
  { name: 'build', lane: 'c', kind: 'check', argv: ['npm', 'run', 'build'] },
  { name: 'host page', lane: 'c', kind: 'check', argv: ['npm', 'run', 'build', '--workspace', '@dfr-ops/host'] },
  { name: 'package', lane: 'c', kind: 'node', argv: nodeTests('packages/launcher/src/{package,grafana,doctor}/*.dist-test.ts') },
  { name: 'browser', lane: 'c', kind: 'playwright', argv: ['npx', '--no-install', 'playwright', 'test', '--grep-invert', '@long'] },
];
const slow = [
  { name: 'browser, long', lane: 'c', kind: 'playwright', argv: ['npx', '--no-install', 'playwright', 'test', '--grep', '@long'] },
  { name: 'action-service, long', lane: 'b', kind: 'node', argv: ['node', '--test', '--test-concurrency=1', '--test-reporter=tap', 'packages/action-service/src/**/*.long.ts'] },
  // No limit of time for the file: it fetches images. The test itself has one.
  { name: 'compose', lane: 'c', kind: 'node', argv: ['node', '--test', '--test-reporter=tap', 'packages/launcher/src/compose/*.long.ts'] },
];

function nodeTests(glob) {
  return ['node', '--test', '--test-concurrency=1', '--test-timeout=180000', '--test-reporter=tap', glob];
}

/** Runs a step and answers its counts; prints one line, and the log's end when it failed. */
async function run(step) {
  const log = join(logs, `${step.name.replaceAll(/\W+/g, '-')}.log`);
  const started = Date.now();
  const { code, output } = await capture(step);
  writeFileSync(log, output);
  const counts = countsOf(step, { code, output, logs });
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  console.log(
    `${counts.failed > 0 ? 'FAILED' : 'ok    '} ${step.name.padEnd(16)} ${counts.passed} passed, ${counts.failed} failed` +
      `${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''} (${seconds} s)`
  );
  if (counts.failed > 0) {
    console.log(tail(output, step.kind).replaceAll(/^/gm, '    | '));
  }
  return { ...counts, suite: step.name };
}

function capture(step) {
  return new Promise((resolve) => {
    const child = spawn(step.argv[0], step.argv.slice(1), { cwd: root, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    }
    child.on('error', (error) => resolve({ code: 127, output: `${output}\n${error.message}` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

function environment() {
  return {
    ...process.env,
    PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH}`,
    DFR_OPS_TEST_RUN: marker,
    DFR_OPS_PAGE_FILE: join(logs, 'page.json'),
    PLAYWRIGHT_JSON_OUTPUT_NAME: join(logs, 'playwright.json'),
    FORCE_COLOR: '0',
    NODE_NO_WARNINGS: '1',
  };
}

function tail(output, kind) {
  const lines = output.trimEnd().split('\n');
  if (kind !== 'node') {
    return lines.slice(-120).join('\n');
  }
  const failing = lines.flatMap((line, index) => (/^\s*not ok /.test(line) ? lines.slice(index, index + 40) : []));
  return (failing.length > 0 ? failing.slice(0, 240) : lines.slice(-80)).join('\n');
}

/** Processes that carry this run's mark and still live: none may. */
function leftBehind() {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .flatMap((pid) => {
      try {
        const marked = readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`DFR_OPS_TEST_RUN=${marker}`);
        const zombie = / Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/\(.*\)/, ''));
        return marked && !zombie ? [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').slice(0, 160)}`] : [];
      } catch {
        return []; // It ended between the listing and the look.
      }
    });
}

/** Real systems of which only the stand-in, or nothing, was tested: said, never skipped in silence. */
function notRun() {
  const says = (command, argument, pattern) => {
    const answer = spawnSync(command, [argument], { encoding: 'utf8', timeout: 10_000 });
    return answer.status === 0 && pattern.test(`${answer.stdout}${answer.stderr}`);
  };
  const grafana = says('grafana', '--version', /grafana/i) || Boolean(process.env.GF_PATHS_HOME ?? process.env.GRAFANA_URL);
  return [
    grafana ? null : 'Grafana (no `grafana` on PATH, neither GF_PATHS_HOME nor GRAFANA_URL set): the stand-in host drew the bundle',
    process.env.LOKI_URL || says('loki', '--version', /loki, version/i) ? null : 'Loki (no `loki` on PATH, no LOKI_URL): the embedded log store answered; the ruler\'s rules were parsed, not loaded',
    process.env.ODOO_URL || says('odoo', '--version', /odoo/i) ? null : 'Odoo (no `odoo` on PATH, no ODOO_URL): the stand-in over real tables answered',
    says('docker', 'info', /Server Version/) ? null : 'Docker Engine (none answers): the launcher answered its calls; docker-compose was not started',
  ].filter(Boolean);
}

async function lanes(steps) {
  const names = [...new Set(steps.map((step) => step.lane))];
  const counted = await Promise.all(
    names.map(async (lane) => {
      const results = [];
      for (const step of steps.filter((candidate) => candidate.lane === lane)) {
        results.push(await run(step));
      }
      return results;
    })
  );
  return counted.flat();
}

const node = ensurePackages({ root });
if (!installForTests(node)) {
  console.log('0 passed, 1 failed');
  process.exit(1);
}
rmSync(logs, { recursive: true, force: true });
mkdirSync(logs, { recursive: true });

const chosen = (steps) => steps.filter((step) => (only.length === 0 ? true : only.includes(step.name)));
const results = long ? await lanes(chosen(slow)) : [...(await lanes(chosen(quick))), ...(await lanes(chosen(browser)))];

await new Promise((resolve) => setTimeout(resolve, 1500));
const left = leftBehind();
results.push({ passed: left.length === 0 ? 1 : 0, failed: left.length === 0 ? 0 : 1, skipped: 0 });
if (left.length > 0) {
  console.log(`FAILED processes were left behind:\n  ${left.join('\n  ')}`);
}

if (process.argv.includes('--record')) {
  const pageFile = join(logs, 'page.json');
  const page = existsSync(pageFile) ? JSON.parse(readFileSync(pageFile, 'utf8')).page : null;
  recordVerified(join(root, 'docs/verified.md'), results.filter(({ suite }) => suite), versionsHere(page));
}

const total = (key) => results.reduce((sum, counts) => sum + counts[key], 0);
console.log('');
for (const line of notRun()) {
  console.log(`not run: ${line}`);
}
console.log(`${total('passed')} passed, ${total('failed')} failed`);
process.exitCode = total('failed') > 0 || total('passed') === 0 ? 1 : 0;
