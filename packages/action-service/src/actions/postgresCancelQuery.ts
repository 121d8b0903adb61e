import type { EffectVerdict, ParameterSpec } from '@dfr-ops/contracts';
import type { PostgresConnector } from '../connectors/postgres.ts';
import type { Activity } from '../connectors/postgresSessions.ts';
import {
  ActionRefused,
  defineAction,
  type ActionContext,
  type Draft,
  type Narrator,
  type Parameters,
  type RunInput,
} from './action.ts';
import {
  ageOf,
  chosenSession,
  SessionBounds,
  sessionField,
  snapshotOf,
  touchableSessions,
  treeTable,
  waitsItself,
  waitStill,
  whose,
  type SessionSnapshot,
} from './chooseSession.ts';
import { duration, plural } from './sessionWords.ts';
import { whatHolds } from './whatHolds.ts';

type Context = ActionContext<SessionBounds>;
type Input = RunInput<SessionSnapshot>;

export const postgresCancelQuery = defineAction<SessionBounds, SessionSnapshot>({
  id: 'postgres.cancel-query',
  title: 'Cancel a database query',
  description: 'Stops what one session works on; the session itself stays. Its transaction ends with an error.',
  kind: 'postgresql',
  target: (names) => names.postgres,
  risk: 'low',
  lock: 'shared',
  deadlineSeconds: 30,
  effectSeconds: 10,
  cooldownSeconds: 0,
  alerts: ['PostgresLongTransaction', 'PostgresBlockedQueries', 'OdooSlowResponseTime'],
  mends: true,
  rollback: null,
  rollbackNote: 'Nothing to take back: the work is rolled back, and whoever asked for it can ask again.',
  bounds: SessionBounds,
  lacking: ({ postgres }) =>
    postgres ? null : "the service was not told how to reach DFR's PostgreSQL (DFR_POSTGRES_URL)",
  async form(context): Promise<ParameterSpec[]> {
    const { activities, sessions } = await look(context);
    return [sessionField('Query of', sessions, activities)];
  },
  preview,
  run,
  effect,
  nextStep,
});

/** Cancelling reaches only who is at work; the longest query of those that hold nobody up comes after those that do. */
async function look({ connectors, bounds }: Context): Promise<{ activities: Activity[]; sessions: Activity[] }> {
  const activities = await (connectors.postgres as PostgresConnector).activity();
  const sessions = touchableSessions(activities, bounds).filter(({ state }) => state === 'active');
  return { activities, sessions };
}

async function preview(context: Context, parameters: Parameters): Promise<Draft<SessionSnapshot>> {
  const { activities, sessions } = await look(context);
  const chosen = chosenSession(sessions, parameters);
  const snapshot = snapshotOf(chosen, activities);
  const waiting = snapshot.blocked.length;
  const age = chosen ? duration(ageOf(chosen)) : '';
  return {
    summary: chosen
      ? `Would cancel the query of pid ${chosen.pid} (${whose(chosen)}), at work for ${age}; ` +
        `${plural(waiting, 'session')} ${waiting === 1 ? 'waits' : 'wait'} behind it.`
      : 'Would cancel nothing: no query was chosen.',
    statement: `SELECT dfr_ops.cancel_query(${snapshot.pid}, '${snapshot.backendStart}', '${snapshot.xactStart}');`,
    affected: chosen ? treeTable(activities, chosen.pid) : { columns: [], rows: [], total: 0 },
    preconditions: [
      { name: 'PostgreSQL answers', ok: true, detail: `Queries that may be cancelled: ${sessions.length}.` },
    ],
    warnings: chosen ? warningsFor(chosen, activities) : [],
    refusal: chosen ? null : nothingToDo(context.bounds, sessions.length),
    snapshot,
    suggestedReason: chosen ? `pid ${chosen.pid} at work for ${age}, holds ${plural(waiting, 'session')} up` : '',
  };
}

function nothingToDo({ databaseUsers, minAgeSeconds }: SessionBounds, found: number): Draft<unknown>['refusal'] {
  return {
    why:
      found > 0
        ? 'No query was chosen.'
        : `No query of ${databaseUsers.join(', ')} has been at work for ${minAgeSeconds} s or more.`,
    todo:
      found > 0
        ? 'Choose one.'
        : 'Who is idle in a transaction works on nothing that could be cancelled: see postgres.terminate-session.',
  };
}

function warningsFor(chosen: Activity, activities: readonly Activity[]): string[] {
  return [
    ...waitsItself(chosen, activities),
    'The transaction that it belongs to fails; Odoo may try it again by itself.',
  ];
}

async function run({ connectors }: Context, { snapshot }: Input, narrator: Narrator): Promise<void> {
  await narrator.step(`Cancelling the query of pid ${snapshot.pid}, if it is still in the transaction that was shown`);
  const outcome = await (connectors.postgres as PostgresConnector).cancelQuery(snapshot);
  const untouched = {
    idle: 'is in its transaction, but at no query any more: cancelling would do nothing',
    too_young: "is in a transaction that is younger than the database's bound",
    refused: 'is not to be touched, says the database',
  };
  if (outcome in untouched) {
    const why = untouched[outcome as keyof typeof untouched];
    throw new ActionRefused(`pid ${snapshot.pid} ${why}.`, 'Preview it again; if it holds others up, end its session.');
  }
  const words: Record<string, string> = {
    cancelled: 'its query is cancelled',
    vanished: 'the session had gone by itself, nothing was touched',
    finished: 'the transaction that was shown had ended by itself, nothing was touched',
    not_ended: 'it was told to stop and is still at it',
  };
  await narrator.output(`pid ${snapshot.pid}: ${words[outcome] ?? outcome}`);
}

async function effect({ connectors }: Context, { snapshot }: Input): Promise<EffectVerdict> {
  const activities = await (connectors.postgres as PostgresConnector).activity();
  const there = activities.find((one) => one.pid === snapshot.pid && one.backendStart === snapshot.backendStart);
  const counts = waitStill(activities, snapshot);
  if (there && there.xactStart === snapshot.xactStart && there.state === 'active') {
    return { state: 'pending', detail: `pid ${snapshot.pid} is still at work in that transaction${counts}.` };
  }
  const now = there ? `its session is ${there.state}` : 'its session is gone';
  return { state: 'confirmed', detail: `The query of pid ${snapshot.pid} runs no longer; ${now}${counts}.` };
}

async function nextStep({ connectors, bounds }: Context): Promise<string> {
  return whatHolds(await (connectors.postgres as PostgresConnector).activity(), bounds);
}
