import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { StackFile } from '../packages/launcher/src/stackFile.ts';

const root = resolve(__dirname, '..');
const startSeconds = 180;

/** A running stack of native mode, started for these tests on free ports and a folder of its own. */
export interface StartedStack {
  dataDir: string;
  launcher: ChildProcess;
}

/** Starts `npm start` as a person would, but for ports and folder; resolves once every part is up. */
export async function startStack(): Promise<StartedStack> {
  const dataDir = mkdtempSync(join(tmpdir(), 'dfr-ops-e2e-'));
  // PostgreSQL runs as another user, who has to pass through.
  chmodSync(dataDir, 0o755);
  const log = createWriteStream(join(root, 'build', 'e2e-stack.log'));
  const launcher = spawn(
    'node',
    [
      'packages/launcher/bin/start.mjs',
      '--port-base',
      'auto',
      '--data',
      dataDir,
      '--no-drill',
      '--no-install',
      '--skip-build',
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] }
  );
  launcher.stdout.pipe(log);
  launcher.stderr.pipe(log);
  const deadline = Date.now() + startSeconds * 1000;
  while (Date.now() < deadline) {
    if (launcher.exitCode !== null) {
      break;
    }
    if (existsSync(join(dataDir, 'stack.json')) && readStack(dataDir).readyAt) {
      return { dataDir, launcher };
    }
    await new Promise((tick) => setTimeout(tick, 300));
  }
  launcher.kill('SIGTERM');
  throw new Error(
    `The stack was not up after ${startSeconds} s. Its output is in build/e2e-stack.log:\n${tail(join(root, 'build', 'e2e-stack.log'))}`
  );
}

/** Stops the stack by its launcher's pid and removes its folder. */
export async function stopStack({ dataDir, launcher }: StartedStack): Promise<void> {
  const ended = new Promise<void>((done) => launcher.once('exit', () => done()));
  if (launcher.exitCode === null) {
    launcher.kill('SIGTERM');
    await ended;
  }
  if (!process.env.DFR_OPS_KEEP_DATA) {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

export function readStack(dataDir: string): StackFile {
  return JSON.parse(readFileSync(join(dataDir, 'stack.json'), 'utf8'));
}

/** The stack that the global setup started, or the one that DFR_OPS_DATA names. */
export function currentStack(): StackFile {
  const dataDir = process.env.DFR_OPS_DATA;
  if (!dataDir) {
    throw new Error(
      'No stack: run the tests with `npx playwright test`, whose global setup starts one, or set DFR_OPS_DATA.'
    );
  }
  return readStack(dataDir);
}

function tail(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(-40).join('\n') : '';
}
