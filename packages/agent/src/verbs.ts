import type { AgentAnswer, AgentBody, AgentVerb } from '@dfr-ops/contracts';
import { block, check, unblock } from './block/changeBlocks.ts';
import type { LogLimit, NginxFiles } from './config.ts';
import { describe } from './describe.ts';
import { endDue } from './endDue.ts';
import { chooseLimit } from './limit/chooseLimit.ts';
import { beginMaintenance, endMaintenance } from './maintenance/maintenance.ts';
import type { Outcome } from './nginx/outcome.ts';
import { reload } from './nginx/reload.ts';
import { rotateAllLogs, rotateLogs } from './nginx/rotateLogs.ts';
import { start } from './nginx/start.ts';
import { testConfig } from './nginx/testConfig.ts';
import { unusedFlag } from './nginx/unused.ts';
import { changeUpstream } from './upstream/changeUpstream.ts';

export interface Verbs {
  run<V extends AgentVerb>(verb: V, body: AgentBody<V>): Promise<AgentAnswer>;
  /** Puts logs aside that have outgrown the limit, when no verb is under way that reads them. */
  tidy(limit: NonNullable<LogLimit>): Promise<string[]>;
  /** Ends what was set for a time that is over. Answers what it did in sentences; throws when nginx did not take it. */
  endDue(): Promise<string[]>;
}

/** The agent's verbs over one nginx. Those that touch it run one after the other; status and test never wait. */
export function createVerbs(files: NginxFiles): Verbs {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn.catch(() => {});
    return turn;
  };
  const { maintenanceFlag: flag, limits, denyInclude } = files;
  const does: { [V in AgentVerb]: (body: AgentBody<V>) => Promise<Outcome> } = {
    status: async () => ({ ok: true, output: '' }),
    test: () => testConfig(files),
    reload: () => inTurn(() => reload(files)),
    start: () => inTurn(() => start(files)),
    drain: ({ server }) => inTurn(() => changeUpstream(files, server, true)),
    undrain: ({ server }) => inTurn(() => changeUpstream(files, server, false)),
    'maintenance-on': ({ seconds }) =>
      inTurn(async () =>
        flag === null
          ? untold('NGINX_MAINTENANCE_FLAG')
          : ((await unusedFlag(files, flag)) ?? beginMaintenance(flag, seconds))
      ),
    'maintenance-off': () =>
      inTurn(async () => (flag === null ? untold('NGINX_MAINTENANCE_FLAG') : endMaintenance(flag))),
    'rate-limit': ({ limit }) =>
      inTurn(async () => (limits === null ? untold('NGINX_LIMITS_FOLDER') : chooseLimit(files, limits, limit))),
    'check-ip': async ({ address }) => (denyInclude === null ? untold('NGINX_DENY_INCLUDE') : check(files, address)),
    'block-ip': ({ address, seconds }) =>
      inTurn(async () =>
        denyInclude === null ? untold('NGINX_DENY_INCLUDE') : block(files, denyInclude, address, seconds)
      ),
    'unblock-ip': ({ address }) =>
      inTurn(async () => (denyInclude === null ? untold('NGINX_DENY_INCLUDE') : unblock(files, denyInclude, address))),
    'rotate-logs': () => inTurn(() => rotateAllLogs(files)),
  };
  return {
    tidy: ({ logs, bytes }) => inTurn(() => rotateLogs(files, logs, bytes)),
    endDue: () => endDue(files, inTurn),
    async run(verb, body) {
      const outcome = await does[verb](body).catch((error: Error) => ({
        ok: false,
        output: `It failed: ${error.message}`,
      }));
      return describe(files, outcome);
    },
  };
}

function untold(variable: string): Outcome {
  return { ok: false, output: `The agent was not told of the file for that (${variable}). Nothing was changed.` };
}
