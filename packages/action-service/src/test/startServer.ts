import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type RunningServer = { url: string; pid: number; output: () => string; stop: () => Promise<void> };

/** A folder of its own below the system's temporary one; `remove` takes it away. */
export async function scratchFolder(name: string): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), `dfr-ops-${name}-`));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Starts a program and waits until `url + readyPath` answers 200. It dies with this process. */
export async function startServer(command: string[], url: string, readyPath: string): Promise<RunningServer> {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-20_000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  await waitUntil(async () => {
    if (child.exitCode !== null) {
      throw new Error(`${command[0]} ended with ${child.exitCode}: ${output}`);
    }
    return (await fetch(url + readyPath).catch(() => null))?.ok ?? false;
  }, `${command[0]} to be ready`);
  return { url, pid: child.pid!, output: () => output, stop: () => stopChild(child) };
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const ended = new Promise((resolve) => child.once('exit', resolve));
  // A stopped (SIGSTOP) process would never see SIGTERM.
  child.kill('SIGKILL');
  await ended;
}

/** Waits until `condition` holds; throws with `what` and the last state after `seconds`. */
export async function waitUntil(condition: () => Promise<unknown>, what: string, seconds = 20): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > deadline) {
      throw new Error(`Waited ${seconds} s in vain for ${what}.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
