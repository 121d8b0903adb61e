import { z } from 'zod';
import type { AffectedTable, ParameterSpec } from '@dfr-ops/contracts';
import type { Activity, SessionId, TransactionId } from '../connectors/postgresSessions.ts';
import type { Parameters } from './action.ts';
import { blockedBehind, stillWaiting, treeAround } from './blockingTree.ts';
import { duration, plural } from './sessionWords.ts';

export const SessionBounds = z.strictObject({
  /** A transaction that began less than this ago is left alone. The database holds the same bound (dfr_ops.bounds.min_age). */
  minAgeSeconds: z.number().int().min(1).max(86_400).default(10),
  /** Roles of the database whose sessions may be touched; '*' for all that the database allows. */
  databaseUsers: z.array(z.string()).min(1).default(['odoo']),
});
export type SessionBounds = z.infer<typeof SessionBounds>;

/** What a run may touch: one session, in the transaction in which it was shown. */
export interface SessionSnapshot extends TransactionId {
  /** Whom it held up, directly or not. */
  blocked: SessionId[];
}

const mostChoices = 100;

/** Sessions that may be touched, those that hold most others up first, then the oldest transaction. */
export function touchableSessions(activities: readonly Activity[], bounds: SessionBounds): Activity[] {
  const waiting = new Map(activities.map(({ pid }) => [pid, blockedBehind(activities, pid).length]));
  const blocks = ({ pid }: Activity) => waiting.get(pid) ?? 0;
  return activities
    .filter(({ guarded }) => guarded === null)
    .filter(({ user }) => bounds.databaseUsers.includes('*') || bounds.databaseUsers.includes(user))
    .filter((one) => ageOf(one) >= bounds.minAgeSeconds)
    .filter((one) => one.xactStart !== null || blocks(one) > 0)
    .sort((one, other) => blocks(other) - blocks(one) || ageOf(other) - ageOf(one));
}

/** One choice a session; the first is preselected. Without any the field may stay empty, so that the preview can say why. */
export function sessionField(
  title: string,
  sessions: readonly Activity[],
  activities: readonly Activity[]
): ParameterSpec {
  const choices = sessions
    .slice(0, mostChoices)
    .map((one) => ({ value: choiceOf(one), label: labelOf(one, blockedBehind(activities, one.pid).length) }));
  return {
    name: 'session',
    title,
    description:
      'Those that hold others up come first, then the oldest. Backups, superusers and replication are not offered.',
    type: 'choice',
    required: choices.length > 0,
    default: choices[0]?.value ?? null,
    min: null,
    max: null,
    unit: null,
    choices,
  };
}

export function chosenSession(sessions: readonly Activity[], { session }: Parameters): Activity | undefined {
  return sessions.find((one) => choiceOf(one) === session);
}

export function snapshotOf(chosen: Activity | undefined, activities: readonly Activity[]): SessionSnapshot {
  return {
    pid: chosen?.pid ?? 0,
    backendStart: chosen?.backendStart ?? '',
    xactStart: chosen?.xactStart ?? null,
    blocked: chosen
      ? blockedBehind(activities, chosen.pid).map(({ pid, backendStart }) => ({ pid, backendStart }))
      : [],
  };
}

/** The chosen session among those that hold it up and those that wait for it. */
export function treeTable(activities: readonly Activity[], pid: number): AffectedTable {
  const lines = treeAround(activities, pid);
  return {
    columns: ['pid', 'user', 'application', 'client', 'state', 'for', 'waits for', ''],
    rows: lines
      .slice(0, 100)
      .map(({ depth, session }) => [
        `${'– '.repeat(depth)}${session.pid}`,
        session.user,
        session.application,
        session.client,
        session.state,
        duration(ageOf(session)),
        session.waitsFor ?? '',
        session.pid === pid ? 'this one' : (session.guarded ?? ''),
      ]),
    total: lines.length,
  };
}

/** That touching the session does not help those behind it as long as it waits itself. */
export function waitsItself(chosen: Activity, activities: readonly Activity[]): string[] {
  const holders = activities.filter(({ pid }) => chosen.blockedBy.includes(pid));
  return [
    ...holders.map(
      (holder) =>
        `It waits itself, for pid ${holder.pid} (${whose(holder)}, ${holder.guarded ?? holder.state}): ` +
        'that one goes on holding others up.'
    ),
    ...(chosen.blockedBy.includes(0) ? ['It waits for a prepared transaction: see pg_prepared_xacts.'] : []),
  ];
}

/** "; of 8 sessions behind it 0 wait still"; empty when there were none. */
export function waitStill(activities: readonly Activity[], { blocked }: SessionSnapshot): string {
  return blocked.length > 0
    ? `; of ${plural(blocked.length, 'session')} behind it ${stillWaiting(activities, blocked).length} wait still`
    : '';
}

/** "odoo, application odoo-312" */
export function whose({ user, application }: Activity): string {
  return `${user}, application ${application || '(no name)'}`;
}

/** Seconds in its transaction, or in its state where it is in none. */
export function ageOf({ xactSeconds, stateSeconds }: Activity): number {
  return xactSeconds ?? stateSeconds;
}

function choiceOf({ pid, backendStart }: SessionId): string {
  return `${pid}@${backendStart}`;
}

function labelOf(one: Activity, waiting: number): string {
  const blocks = waiting > 0 ? `, holds ${plural(waiting, 'session')} up` : '';
  const waits = one.blockedBy.length > 0 ? `, waits for ${one.waitsFor ?? 'a lock'}` : '';
  return `${whose(one)}: ${one.state} for ${duration(ageOf(one))}${blocks}${waits} (pid ${one.pid})`;
}
