import { z } from 'zod';
import type { EffectVerdict, ParameterSpec } from '@dfr-ops/contracts';
import type { PostgresConnector } from '../connectors/postgres.ts';
import type { Headroom, Session } from '../connectors/postgresSessions.ts';
import {
  defineAction,
  type ActionContext,
  type Draft,
  type Narrator,
  type Parameters,
  type RunInput,
} from './action.ts';
import { countsByApplication, duration, groupSessions, isBackup, plural } from './sessionWords.ts';

const Bounds = z.strictObject({
  minIdleSeconds: z.number().int().min(1).default(60),
  maxSessions: z.number().int().min(1).max(100).default(20),
  maxSessionsWhenExhausted: z.number().int().min(1).max(100).default(100),
  databaseUsers: z.array(z.string()).min(1).default(['odoo']),
});
type Bounds = z.infer<typeof Bounds>;

interface Snapshot {
  /** When they were seen, ISO 8601. */
  takenAt: string;
  sessions: Array<Pick<Session, 'pid' | 'backendStart' | 'user' | 'application'>>;
  used: number;
  maxConnections: number;
  maxSessions: number;
}

type Context = ActionContext<Bounds>;

const any = '*';
const idleStates: Record<string, string[]> = {
  [any]: ['idle', 'idle in transaction', 'idle in transaction (aborted)'],
  idle: ['idle'],
  'idle in transaction': ['idle in transaction', 'idle in transaction (aborted)'],
};
/** From this share of the connections that ordinary roles can take, the database counts as exhausted. */
const exhaustedShare = 0.9;

export const postgresTerminateIdle = defineAction<Bounds, Snapshot>({
  id: 'postgres.terminate-idle',
  title: 'End idle database sessions',
  description:
    'Ends sessions that hold a connection without working, the longest idle first. Works when all connections are taken.',
  kind: 'postgresql',
  target: (names) => names.postgres,
  risk: 'medium',
  lock: 'shared',
  deadlineSeconds: 30,
  effectSeconds: 10,
  cooldownSeconds: 30,
  alerts: ['PostgresTooManyConnections', 'PostgresIdleInTransaction', 'OdooDbUnreachable'],
  mends: true,
  rollback: null,
  rollbackNote:
    'Nothing to take back: who needs a connection opens a new one. Open transactions are rolled back for good.',
  bounds: Bounds,
  lacking: ({ postgres }) =>
    postgres ? null : "the service was not told how to reach DFR's PostgreSQL (DFR_POSTGRES_URL)",
  form,
  preview,
  run,
  effect,
  nextStep,
});

async function form({ connectors, bounds }: Context): Promise<ParameterSpec[]> {
  const postgres = connectors.postgres as PostgresConnector;
  const [sessions, headroom] = await Promise.all([postgres.sessions(), postgres.headroom()]);
  const touchable = sessions.filter((session) => mayTouch(session, bounds));
  const max = maxSessions(headroom, bounds);
  const choices = (names: string[], anyLabel: string) => [
    { value: any, label: anyLabel },
    ...[...new Set(names)].sort().map((name) => ({ value: name, label: name || '(no name)' })),
  ];
  const field = (spec: Partial<ParameterSpec> & Pick<ParameterSpec, 'name' | 'title' | 'description' | 'type'>) => ({
    required: true,
    default: null,
    min: null,
    max: null,
    unit: null,
    choices: [],
    ...spec,
  });
  return [
    field({
      name: 'state',
      title: 'State',
      description: 'Which sessions count as idle.',
      type: 'choice',
      default: any,
      choices: [
        { value: any, label: 'idle, in a transaction or not' },
        { value: 'idle', label: 'idle' },
        { value: 'idle in transaction', label: 'idle in transaction' },
      ],
    }),
    field({
      name: 'minIdleSeconds',
      title: 'Idle for at least',
      description: 'Sessions that worked more recently are left alone.',
      type: 'integer',
      default: bounds.minIdleSeconds,
      min: bounds.minIdleSeconds,
      max: 86_400,
      unit: 's',
    }),
    field({
      name: 'user',
      title: 'User',
      description: 'Role of the database that the session belongs to.',
      type: 'choice',
      default: any,
      choices: choices(
        touchable.map((session) => session.user),
        'any that the policy allows'
      ),
    }),
    field({
      name: 'application',
      title: 'Application',
      description: 'Name that the client gave itself.',
      type: 'choice',
      default: any,
      choices: choices(
        touchable.map((session) => session.application).filter((name) => name !== any),
        'any'
      ),
    }),
    field({
      name: 'maxSessions',
      title: 'At most',
      description: 'How many sessions are ended, the longest idle first.',
      type: 'integer',
      default: max,
      min: 1,
      max,
      unit: 'sessions',
    }),
  ];
}

async function preview({ connectors, bounds, now }: Context, parameters: Parameters): Promise<Draft<Snapshot>> {
  const postgres = connectors.postgres as PostgresConnector;
  const [sessions, headroom] = await Promise.all([postgres.sessions(), postgres.headroom()]);
  const minIdleSeconds = Number(parameters.minIdleSeconds);
  const matching = sessions
    .filter((session) => mayTouch(session, bounds))
    .filter((session) => idleStates[String(parameters.state)]?.includes(session.state))
    .filter((session) => session.stateSeconds >= minIdleSeconds)
    .filter((session) => parameters.user === any || session.user === parameters.user)
    .filter((session) => parameters.application === any || session.application === parameters.application)
    .sort((one, other) => other.stateSeconds - one.stateSeconds);
  const chosen = matching.slice(0, Number(parameters.maxSessions));
  const taken = `${headroom.used} of ${headroom.maxConnections} connections are taken`;
  const oldest = chosen[0];
  return {
    summary: oldest
      ? `Would end ${plural(chosen.length, 'session')}, the oldest idle for ${duration(oldest.stateSeconds)}; ${taken}.`
      : `Would end nothing: no session matches; ${taken}.`,
    statement: statement(chosen, minIdleSeconds, Number(parameters.maxSessions)),
    affected: {
      columns: ['pid', 'user', 'application', 'client', 'state', 'idle for'],
      rows: chosen
        .slice(0, 100)
        .map(({ pid, user, application, client, state, stateSeconds }) => [
          String(pid),
          user,
          application,
          client,
          state,
          duration(stateSeconds),
        ]),
      total: chosen.length,
    },
    preconditions: [
      { name: 'PostgreSQL answers', ok: true, detail: `${taken}, ${headroom.reserved} are kept for superusers.` },
    ],
    warnings: warningsFor(matching.length, chosen),
    refusal: oldest
      ? null
      : {
          why: `No session of ${bounds.databaseUsers.join(', ')} is idle for ${minIdleSeconds} s or more with these choices.`,
          todo: 'Widen the choices, or look which sessions work: they hold the connections.',
        },
    snapshot: {
      takenAt: now().toISOString(),
      sessions: chosen.map(({ pid, backendStart, user, application }) => ({ pid, backendStart, user, application })),
      used: headroom.used,
      maxConnections: headroom.maxConnections,
      maxSessions: Number(parameters.maxSessions),
    },
    suggestedReason: `${taken}, ${plural(matching.length, 'session')} idle for ${minIdleSeconds} s or more`,
  };
}

async function run({ connectors }: Context, { parameters, snapshot }: RunInput<Snapshot>, narrator: Narrator) {
  const postgres = connectors.postgres as PostgresConnector;
  await narrator.step(
    `Ending the ${plural(snapshot.sessions.length, 'session')} that were shown, where they still match`
  );
  const results = await postgres.terminateIdle(
    snapshot.sessions,
    Number(parameters.minIdleSeconds),
    snapshot.maxSessions
  );
  const of = (outcome: string) => results.filter((result) => result.outcome === outcome);
  const words = {
    ended: 'ended',
    vanished: 'had gone by themselves',
    busy: 'were left alone, since they work again',
    too_young: 'were left alone, since they worked meanwhile',
    refused: 'were refused by the database',
    not_ended: 'were told to end and are still there',
  };
  for (const [outcome, text] of Object.entries(words)) {
    const pids = of(outcome).map((result) => result.pid);
    if (pids.length > 0) {
      await narrator.output(`${plural(pids.length, 'session')} ${text}: pid ${pids.join(', ')}`);
    }
  }
}

async function effect({ connectors }: Context, { snapshot }: RunInput<Snapshot>): Promise<EffectVerdict> {
  const postgres = connectors.postgres as PostgresConnector;
  const [sessions, headroom] = await Promise.all([postgres.sessions(), postgres.headroom()]);
  const present = new Map(sessions.map((session) => [keyOf(session), session]));
  const left = snapshot.sessions.flatMap((session) => present.get(keyOf(session)) ?? []);
  const sinceTaken = (Date.now() - Date.parse(snapshot.takenAt)) / 1000;
  const untouched = left.filter((session) => session.state.startsWith('idle') && session.stateSeconds > sinceTaken);
  const gone = snapshot.sessions.length - left.length;
  const counts = `${headroom.used} of ${headroom.maxConnections} connections are taken (${snapshot.used} before)`;
  if (untouched.length > 0) {
    return {
      state: 'pending',
      detail: `${plural(untouched.length, 'session')} of those shown are still idle; ${counts}.`,
    };
  }
  if (gone === 0) {
    return { state: 'not_confirmed', detail: `All sessions shown work again, so none was ended; ${counts}.` };
  }
  const spared = left.length > 0 ? `, ${left.length} work again and were left alone` : '';
  return {
    state: 'confirmed',
    detail: `${gone} of the ${plural(snapshot.sessions.length, 'session')} shown are gone${spared}; ${counts}.`,
  };
}

async function nextStep({ connectors }: Context, _input: RunInput<Snapshot>, actedAt: Date): Promise<string> {
  const postgres = connectors.postgres as PostgresConnector;
  const [sessions, headroom] = await Promise.all([postgres.sessions(), postgres.headroom()]);
  const fresh = sessions.filter((session) => Date.parse(session.backendStart) > actedAt.getTime());
  const biggest = groupSessions(fresh)[0];
  if (biggest && biggest.count >= 2) {
    return (
      `Connections are back: ${biggest.count} new sessions of user ${biggest.user} from application ` +
      `${biggest.application || '(no name)'} at ${biggest.client} since the action; find what reconnects, and stop it ` +
      'or bound its pool, then end the idle sessions again.'
    );
  }
  const holder = groupSessions(sessions)[0];
  return holder
    ? `${headroom.used} of ${headroom.maxConnections} connections are taken, ${holder.count} of them by user ${holder.user} ` +
        `from application ${holder.application || '(no name)'} at ${holder.client}: look what it does, and raise ` +
        'max_connections or lower its pool when it needs them all.'
    : `${headroom.used} of ${headroom.maxConnections} connections are taken by superusers and replication: see the runbook.`;
}

function mayTouch(session: Session, bounds: Bounds): boolean {
  return (bounds.databaseUsers.includes(any) || bounds.databaseUsers.includes(session.user)) && !isBackup(session);
}

function maxSessions({ used, maxConnections, reserved }: Headroom, bounds: Bounds): number {
  const exhausted = used >= (maxConnections - reserved) * exhaustedShare;
  return exhausted ? Math.max(bounds.maxSessions, bounds.maxSessionsWhenExhausted) : bounds.maxSessions;
}

function warningsFor(matching: number, chosen: Session[]): string[] {
  const open = chosen.filter((session) => session.state.startsWith('idle in transaction')).length;
  return [
    ...(chosen.length > 0
      ? [`Ends sessions of: ${countsByApplication(chosen).map(applicationWords).join(', ')}.`]
      : []),
    ...(open > 0 ? [`${plural(open, 'session')} with an open transaction, which is rolled back.`] : []),
    ...(matching > chosen.length ? [`${matching - chosen.length} more match and are left for another run.`] : []),
  ];
}

function applicationWords({ application, count }: { application: string; count: number }): string {
  return `${application || '(no name)'} ${count}${application === 'odoo' ? ' (Odoo reconnects by itself)' : ''}`;
}

/** One session a line, so that a person can read what is sent. */
function statement(sessions: Session[], minIdleSeconds: number, max: number): string {
  const targets = sessions.map(({ pid, backendStart }) => JSON.stringify({ pid, backend_start: backendStart }));
  const list = targets.length > 0 ? `[\n    ${targets.join(',\n    ')}\n  ]` : '[]';
  return [
    'SELECT pid, backend_start, outcome',
    'FROM dfr_ops.terminate_idle(',
    `  '${list}'::jsonb,`,
    `  make_interval(secs => ${minIdleSeconds}),`,
    `  ${max}`,
    ');',
  ].join('\n');
}

function keyOf({ pid, backendStart }: Pick<Session, 'pid' | 'backendStart'>): string {
  return `${pid} ${backendStart}`;
}
