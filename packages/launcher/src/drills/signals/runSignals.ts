import { StartProblem } from '../../problem.ts';
import type { StackFile } from '../../stackFile.ts';
import { awaitSeen, type Cause } from './cause.ts';
import { frozenAlertmanager, frozenHostExporter, frozenService, refusedNotices, silence } from './monitoringTrouble.ts';
import { crowdOfConnections, odooRequests } from './odooRequests.ts';
import { odooWork } from './odooWork.ts';
import { servingAgain, stoppedNginx, stoppedOdoo, stoppedPostgres } from './outages.ts';
import { actions, backups, busyProcessors } from './ownWork.ts';
import { postgresLoad, postgresRefusals, postgresSessions } from './postgresWork.ts';
import { reachOf } from './reach.ts';
import { Undo } from './undo.ts';
import { upstreamTimeouts } from './upstreamTimeouts.ts';

export const signalsDrill = {
  name: 'signals',
  title: 'everything that the dashboards draw is made to move, and put back',
};

/** What is caused together; each stage is put back before the next begins. */
const stages: Array<{ title: string; causes: Cause[] }> = [
  {
    title: 'work and wear',
    causes: [
      refusedNotices,
      odooWork,
      postgresSessions,
      postgresRefusals,
      busyProcessors,
      silence,
      backups,
      actions,
      odooRequests,
      postgresLoad,
    ],
  },
  { title: 'a crowd', causes: [crowdOfConnections] },
  { title: 'parts that do not answer', causes: [upstreamTimeouts, frozenHostExporter, frozenAlertmanager] },
  { title: 'PostgreSQL and the service away', causes: [stoppedPostgres, frozenService] },
  { title: 'all back', causes: [servingAgain] },
  { title: 'Odoo away', causes: [stoppedOdoo] },
  { title: 'Nginx away', causes: [stoppedNginx] },
  { title: 'all back', causes: [servingAgain] },
];

export type SignalsResult = { seconds: number; unseen: string[] };

/**
 * Makes everything move, stage by stage, and puts it back, whatever happens. Answers what the measuring never saw. It ends
 * in about a minute: each stage waits until Prometheus has seen it, 45 s at most.
 */
export async function runSignals(
  stack: StackFile,
  tell: (line: string) => void,
  signal: AbortSignal
): Promise<SignalsResult> {
  if (stack.mode !== 'native') {
    throw new StartProblem('drill', 'this one stops processes of its own stack', 'Run it on a stack of `npm start`.');
  }
  const began = Date.now();
  const unseen: string[] = [];
  for (const { title, causes } of stages) {
    if (signal.aborted) {
      break;
    }
    const reach = reachOf(stack, signal);
    const undos = causes.map(() => new Undo());
    try {
      const begun = Promise.all(causes.map((cause, index) => cause.begin(reach, undos[index] as Undo)));
      const [missed] = await Promise.all([awaitSeen(reach, causes), begun]);
      unseen.push(...missed);
      tell(
        `  ${title.padEnd(32)} ${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${missed.length > 0 ? `not seen: ${missed.join('; ')}` : 'seen'}`
      );
    } finally {
      const undone = await Promise.allSettled(undos.map((undo) => undo.all()));
      undone
        .flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
        .forEach((reason: unknown) => tell(`  ! ${title}: not put back: ${String(reason)}`));
    }
  }
  return { seconds: (Date.now() - began) / 1000, unseen };
}
