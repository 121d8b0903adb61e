import { access, constants, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AgentAnswer } from '@dfr-ops/contracts';
import { readBlocked } from './block/denyText.ts';
import type { NginxFiles } from './config.ts';
import { readLimit } from './limit/chooseLimit.ts';
import { readMaintenance } from './maintenance/maintenance.ts';
import { joinOutput, type Outcome } from './nginx/outcome.ts';
import { readNginxProcesses, readOrphanWorkers } from './nginx/processes.ts';
import { readLogs } from './nginx/rotateLogs.ts';
import { readUpstream } from './upstream/upstreamText.ts';

/** What nginx and its files are like after a verb. What cannot be read is left out, and said in the output. */
export async function describe(files: NginxFiles, outcome: Outcome): Promise<AgentAnswer> {
  const { master, workers } = readNginxProcesses(files.pidFile);
  const orphans = master ? 0 : readOrphanWorkers(files).length;
  const problems: string[] = [];
  const read = <T>(what: string, reading: Promise<T>): Promise<T | undefined> =>
    reading.catch((error: Error) => void problems.push(`${what} cannot be read: ${error.message}`));
  const { maintenanceFlag: flag, limits, denyInclude } = files;
  const upstream = await read('The upstream include', readFile(files.upstreamInclude, 'utf8').then(readUpstream));
  const maintenance = flag === null ? undefined : await read('The maintenance flag', readMaintenance(flag));
  const limit = limits === null ? undefined : await read('The limits', readLimit(limits));
  const blocked =
    denyInclude === null ? undefined : await read('The deny include', readFile(denyInclude, 'utf8').then(readBlocked));
  const left = orphans > 0 ? `The master is gone; ${orphans} worker(s) of it still serve. Start ends them first.` : '';
  return {
    ok: outcome.ok,
    running: master !== null,
    pid: master?.pid ?? null,
    workersSince: workers.length > 0 ? Math.round(Math.max(...workers.map((worker) => worker.startedAt))) : null,
    upstream: upstream ?? [],
    upstreamWritable: await mayRewrite(files.upstreamInclude),
    maintenance,
    limit,
    blocked,
    network: outcome.network,
    logs: await readLogs(files),
    output: joinOutput(outcome.output, ...problems, left),
  };
}

/** A changed include is written beside the old one and put in its place, so the folder must take files too. */
async function mayRewrite(path: string): Promise<boolean> {
  const tries = [path, dirname(path)].map((one) => access(one, constants.W_OK));
  return Promise.all(tries).then(
    () => true,
    () => false
  );
}
