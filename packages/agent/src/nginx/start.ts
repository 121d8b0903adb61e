import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NginxFiles } from '../config.ts';
import { watchErrorLog } from './errorLog.ts';
import { readProcess } from './kernel.ts';
import { joinOutput, type Outcome } from './outcome.ts';
import { readNginxProcesses, readOrphanWorkers } from './processes.ts';
import { nginxArguments, nginxEnvironment, testConfig } from './testConfig.ts';

const TIMEOUT_MS = 10_000;
const ORPHANS_MS = 3000;
const POLL_MS = 20;

/**
 * Tests the configuration, then spawns nginx as a process of its own (it outlives the agent) and waits until a worker
 * runs. Workers that a killed master left behind hold the ports: they are ended first, and the output says so.
 */
export async function start(files: NginxFiles): Promise<Outcome> {
  if (readNginxProcesses(files.pidFile).master) {
    return { ok: true, output: 'Nginx runs already; nothing was started.' };
  }
  const tested = await testConfig(files);
  if (!tested.ok) {
    return { ok: false, output: joinOutput(tested.output, 'Not started: the configuration is wrong.') };
  }
  const ended = await endOrphans(files);
  const addedToLog = watchErrorLog(files.errorLog);
  const child = spawn(files.binary, nginxArguments(files), {
    cwd: '/',
    detached: true,
    stdio: 'ignore',
    env: nginxEnvironment(files),
  });
  const failure = failureOf(child);
  child.unref();
  const problem = await waitForWorker(files, failure);
  return problem === null
    ? { ok: true, output: ended }
    : { ok: false, output: joinOutput(ended, `Nginx did not start: ${problem}`, addedToLog()) };
}

/** Why the spawned program is of no use any more; null as long as it is. Ending with 0 is how it goes to the background. */
function failureOf(child: ChildProcess): () => string | null {
  let failure: string | null = null;
  child.on('error', (error) => (failure = error.message));
  child.on('exit', (code, signal) => (failure = code === 0 ? null : `it ended with ${signal ?? `code ${code}`}.`));
  return () => failure;
}

async function waitForWorker(files: NginxFiles, failure: () => string | null): Promise<string | null> {
  for (const deadline = Date.now() + TIMEOUT_MS; Date.now() < deadline; await sleep(POLL_MS)) {
    if (readNginxProcesses(files.pidFile).workers.length > 0) {
      return null;
    }
    const failed = failure();
    if (failed !== null) {
      return failed;
    }
  }
  return `no worker ran within ${TIMEOUT_MS / 1000} s.`;
}

async function endOrphans(files: NginxFiles): Promise<string> {
  const orphans = readOrphanWorkers(files);
  if (orphans.length === 0) {
    return '';
  }
  const alive = () =>
    orphans.filter((orphan) => readProcess(orphan.pid)?.startedAt === orphan.startedAt).map((orphan) => orphan.pid);
  alive().forEach((pid) => signal(pid, 'SIGTERM'));
  for (const deadline = Date.now() + ORPHANS_MS; alive().length > 0 && Date.now() < deadline;) {
    await sleep(POLL_MS);
  }
  alive().forEach((pid) => signal(pid, 'SIGKILL'));
  return `Ended ${orphans.length} worker(s) that a killed master had left behind.`;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended meanwhile, as it should.
  }
}
