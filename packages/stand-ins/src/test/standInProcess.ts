import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

export interface StandInProcess {
  process: ChildProcess;
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
  /** What it has printed so far. */
  stdout: () => string;
}

/** Runs `<part>/main.ts` as a process of its own; it is killed after the test if it still runs. */
export function spawnStandIn(context: TestContext, part: string, environment: Record<string, string>): StandInProcess {
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', part, 'main.ts')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  context.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { process: child, ended, stdout: () => stdout };
}

/** Waits until the condition holds; fails with `what` after `seconds`. */
export async function until(what: string, condition: () => Promise<boolean> | boolean, seconds = 15): Promise<void> {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; await sleep(30)) {
    if (await Promise.resolve(condition()).catch(() => false)) {
      return;
    }
  }
  throw new Error(`not within ${seconds} s: ${what}`);
}

/** A request that gets no answer is no answer: a process that reloads may lose one. */
export const answers = (url: string) => async (): Promise<boolean> =>
  (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok;
