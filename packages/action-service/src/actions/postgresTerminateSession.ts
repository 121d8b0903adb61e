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

export const postgresTerminateSession = defineAction<SessionBounds, SessionSnapshot>({
  id: 'postgres.terminate-session',
  title: 'End a database session',
  description:
    'Closes the connection of one session and rolls its transaction back. For what cancelling does not reach.',
  kind: 'postgresql',
  target: (names) => names.postgres,
  risk: 'medium',
  lock: 'shared',
  deadlineSeconds: 30,
  effectSeconds: 10,
  cooldownSeconds: 5,
  alerts: ['PostgresLongTransaction', 'PostgresBlockedQueries'],
  mends: true,
  rollback: null,
  rollbackNote:
    'Nothing to take back: the transaction is rolled back for good; who needs a connection opens a new one.',
  bounds: SessionBounds,
  lacking: ({ postgres }) =>
    postgres ? null : "the service was not told how to reach DFR's PostgreSQL (DFR_POSTGRES_URL)",
  async form(context): Promise<ParameterSpec[]> {
    const { activities, sessions } = await look(context);
    return [sessionField('Session', sessions, activities)];
  },
  preview,
  run,
  effect,
  async nextStep({ connectors, bounds }) {
    return whatHolds(await (connectors.postgres as PostgresConnector).activity(), bounds);
  },
});

async function look({ connectors, bounds }: Context): Promise<{ activities: Activity[]; sessions: Activity[] }> {
  const activities = await (connectors.postgres as PostgresConnector).activity();
  return { activities, sessions: touchableSessions(activities, bounds) };
}

async function preview(context: Context, parameters: Parameters): Promise<Draft<SessionSnapshot>> {
  const { activities, sessions } = await look(context);
  const chosen = chosenSession(sessions, parameters);
  const snapshot = snapshotOf(chosen, activities);
  const waiting = snapshot.blocked.length;
  const how = chosen ? `${chosen.state} for ${duration(ageOf(chosen))}` : '';
  const { databaseUsers, minAgeSeconds } = context.bounds;
  return {
    summary: chosen
      ? `Would end the session of pid ${chosen.pid} (${whose(chosen)}), ${how}; ` +
        `${plural(waiting, 'session')} ${waiting === 1 ? 'waits' : 'wait'} behind it.`
      : 'Would end nothing: no session was chosen.',
    statement:
      `SELECT dfr_ops.terminate_session(${snapshot.pid}, '${snapshot.backendStart}', ` +
      `${snapshot.xactStart === null ? 'NULL' : `'${snapshot.xactStart}'`});`,
    affected: chosen ? treeTable(activities, chosen.pid) : { columns: [], rows: [], total: 0 },
    preconditions: [
      { name: 'PostgreSQL answers', ok: true, detail: `Sessions that may be ended: ${sessions.length}.` },
    ],
    warnings: chosen ? warningsFor(chosen, activities) : [],
    refusal: chosen
      ? null
      : {
          why:
            sessions.length > 0
              ? 'No session was chosen.'
              : `No session of ${databaseUsers.join(', ')} has been in a transaction for ${minAgeSeconds} s or more, and none holds others up.`,
          todo: sessions.length > 0 ? 'Choose one.' : 'Sessions that are only idle: see postgres.terminate-idle.',
        },
    snapshot,
    suggestedReason: chosen ? `pid ${chosen.pid} ${how}, holds ${plural(waiting, 'session')} up` : '',
  };
}

function warningsFor(chosen: Activity, activities: readonly Activity[]): string[] {
  return [
    ...(chosen.state === 'active' ? ['It is at work: try first whether cancelling its query is enough.'] : []),
    ...(chosen.xactStart ? [`What it did in ${duration(ageOf(chosen))} of its transaction is rolled back.`] : []),
    ...waitsItself(chosen, activities),
  ];
}

async function run({ connectors }: Context, { snapshot }: Input, narrator: Narrator): Promise<void> {
  await narrator.step(`Ending the session of pid ${snapshot.pid}, if it is still as it was shown`);
  const outcome = await (connectors.postgres as PostgresConnector).terminateSession(snapshot);
  const untouched = {
    finished: 'has ended the transaction that was shown by itself: the session is left alone',
    idle: 'is in no transaction any more and holds nobody up: the session is left alone',
    too_young: "is in a transaction that is younger than the database's bound",
    refused: 'is not to be touched, says the database',
  };
  if (outcome in untouched) {
    const why = untouched[outcome as keyof typeof untouched];
    throw new ActionRefused(`pid ${snapshot.pid} ${why}.`, 'Preview again, and see who holds others up now.');
  }
  const words: Record<string, string> = {
    ended: 'its session is ended',
    vanished: 'the session had gone by itself, nothing was touched',
    not_ended: 'it was told to end and is still there',
  };
  await narrator.output(`pid ${snapshot.pid}: ${words[outcome] ?? outcome}`);
}

async function effect({ connectors }: Context, { snapshot }: Input): Promise<EffectVerdict> {
  const activities = await (connectors.postgres as PostgresConnector).activity();
  const there = activities.find((one) => one.pid === snapshot.pid && one.backendStart === snapshot.backendStart);
  const counts = waitStill(activities, snapshot);
  return there
    ? { state: 'pending', detail: `The session of pid ${snapshot.pid} is still there, ${there.state}${counts}.` }
    : { state: 'confirmed', detail: `The session of pid ${snapshot.pid} is gone${counts}.` };
}
