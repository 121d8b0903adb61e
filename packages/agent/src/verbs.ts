import { access, constants, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AgentAnswer, AgentUpstreamRequest, AgentVerb } from '@dfr-ops/contracts';
import type { LogLimit, NginxFiles } from './config.ts';
import { joinOutput, type Outcome } from './nginx/outcome.ts';
import { readNginxProcesses, readOrphanWorkers } from './nginx/processes.ts';
import { reload } from './nginx/reload.ts';
import { rotateLogs } from './nginx/rotateLogs.ts';
import { start } from './nginx/start.ts';
import { testConfig } from './nginx/testConfig.ts';
import { changeUpstream } from './upstream/changeUpstream.ts';
import { readUpstream } from './upstream/upstreamText.ts';

export interface Verbs {
  run(verb: AgentVerb, request: AgentUpstreamRequest): Promise<AgentAnswer>;
  /** Puts logs aside that have outgrown the limit, when no verb is under way that reads them. */
  tidy(limit: NonNullable<LogLimit>): Promise<string[]>;
}

/** The agent's verbs over one nginx. Those that touch it run one after the other; status and test never wait. */
export function createVerbs(files: NginxFiles): Verbs {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn.catch(() => {});
    return turn;
  };
  const does: Record<AgentVerb, (request: AgentUpstreamRequest) => Promise<Outcome>> = {
    status: async () => ({ ok: true, output: '' }),
    test: () => testConfig(files),
    reload: () => inTurn(() => reload(files)),
    start: () => inTurn(() => start(files)),
    drain: ({ server }) => inTurn(() => changeUpstream(files, server, true)),
    undrain: ({ server }) => inTurn(() => changeUpstream(files, server, false)),
  };
  return {
    tidy: ({ logs, bytes }) => inTurn(() => rotateLogs(files, logs, bytes)),
    async run(verb, request) {
      const outcome = await does[verb](request).catch((error: Error) => ({
        ok: false,
        output: `It failed: ${error.message}`,
      }));
      return describe(files, outcome);
    },
  };
}

async function describe(files: NginxFiles, outcome: Outcome): Promise<AgentAnswer> {
  const { master, workers } = readNginxProcesses(files.pidFile);
  const orphans = master ? 0 : readOrphanWorkers(files).length;
  const include = await readFile(files.upstreamInclude, 'utf8').then(
    (text) => ({ upstream: readUpstream(text), problem: '' }),
    (error: Error) => ({ upstream: [], problem: `The upstream include cannot be read: ${error.message}` })
  );
  const left = orphans > 0 ? `The master is gone; ${orphans} worker(s) of it still serve. Start ends them first.` : '';
  return {
    ok: outcome.ok,
    running: master !== null,
    pid: master?.pid ?? null,
    workersSince: workers.length > 0 ? Math.round(Math.max(...workers.map((worker) => worker.startedAt))) : null,
    upstream: include.upstream,
    upstreamWritable: await mayRewrite(files.upstreamInclude),
    output: joinOutput(outcome.output, include.problem, left),
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
