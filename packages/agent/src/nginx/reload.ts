import { setTimeout as sleep } from 'node:timers/promises';
import type { NginxFiles } from '../config.ts';
import { watchErrorLog } from './errorLog.ts';
import { joinOutput, type Outcome } from './outcome.ts';
import { readNginxProcesses } from './processes.ts';
import { testConfig } from './testConfig.ts';

const TIMEOUT_MS = 10_000;
const POLL_MS = 20;
// A configuration that passes the test can still fail to load. Nginx tries to bind a taken port five times, one [emerg]
// each, before "still could not bind": the first ones are no reason to give up.
const GIVEN_UP = /\[emerg\] \S+ (?!bind\(\))/;

/**
 * Tests the configuration, sends SIGHUP to the master and waits until new workers run and no old one takes connections
 * any more. Refused with nginx's own words when the test fails: the old configuration goes on serving.
 */
export async function reload(files: NginxFiles): Promise<Outcome> {
  if (!readNginxProcesses(files.pidFile).master) {
    return { ok: false, output: 'Nginx does not run, so there is nothing to reload. Start it.' };
  }
  const tested = await testConfig(files);
  if (!tested.ok) {
    return { ok: false, output: joinOutput(tested.output, 'Not reloaded: the old configuration goes on serving.') };
  }
  const { master, workers } = readNginxProcesses(files.pidFile);
  if (!master) {
    return { ok: false, output: 'Nginx ended while its configuration was tested. Start it.' };
  }
  const before = new Set(workers.map((worker) => worker.pid));
  const addedToLog = watchErrorLog(files.errorLog);
  process.kill(master.pid, 'SIGHUP');
  const replaced = await waitForNewWorkers(files, before, addedToLog);
  return replaced
    ? { ok: true, output: tested.output }
    : {
        ok: false,
        output: joinOutput('Nginx did not put new workers in place: the old ones go on serving.', addedToLog()),
      };
}

async function waitForNewWorkers(files: NginxFiles, before: Set<number>, addedToLog: () => string): Promise<boolean> {
  for (const deadline = Date.now() + TIMEOUT_MS; Date.now() < deadline; await sleep(POLL_MS)) {
    const { workers } = readNginxProcesses(files.pidFile);
    if (workers.length > 0 && workers.every((worker) => !before.has(worker.pid))) {
      return true;
    }
    if (GIVEN_UP.test(addedToLog())) {
      return false;
    }
  }
  return false;
}
