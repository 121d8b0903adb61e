import type { Ask } from './heldConnection.ts';
import { isoTime } from './postgresTime.ts';

/** A client session of DFR's PostgreSQL. A pid is used again; pid and `backendStart` together are not. */
export interface Session {
  pid: number;
  /** ISO 8601 with microseconds, as exact as the server has it. */
  backendStart: string;
  user: string;
  application: string;
  client: string;
  database: string;
  state: string;
  /** For how long it has been in this state. */
  stateSeconds: number;
}

/** A session with what it waits for. */
export interface Activity extends Session {
  /** Start of its transaction, ISO 8601 with microseconds; null: it is in none. */
  xactStart: string | null;
  xactSeconds: number | null;
  /** Why it is never touched (superuser, replication, backup, autovacuum worker …); null when it may be. */
  guarded: string | null;
  /** Sessions that hold it up; 0 is a prepared transaction. */
  blockedBy: number[];
  /** The table, or the kind of lock, that it waits for. */
  waitsFor: string | null;
}

export interface Headroom {
  maxConnections: number;
  /** Slots that ordinary roles cannot take. */
  reserved: number;
  used: number;
}

export type SessionId = Pick<Session, 'pid' | 'backendStart'>;
/** A session in the transaction in which it was seen. */
export type TransactionId = Pick<Activity, 'pid' | 'backendStart' | 'xactStart'>;

export type TerminateOutcome = 'ended' | 'vanished' | 'busy' | 'too_young' | 'refused' | 'not_ended';
export type SignalOutcome =
  'cancelled' | 'ended' | 'vanished' | 'finished' | 'idle' | 'too_young' | 'refused' | 'not_ended';

/** What the outcomes mean stands in provisioning/postgres/dfr-ops.sql. */
export interface SessionCalls {
  sessions(): Promise<Session[]>;
  headroom(): Promise<Headroom>;
  /** Ends the named sessions as far as they still match. */
  terminateIdle(
    targets: SessionId[],
    minIdleSeconds: number,
    maxSessions: number
  ): Promise<Array<SessionId & { outcome: TerminateOutcome }>>;
  /** Everybody but the service; the longest transaction first. */
  activity(): Promise<Activity[]>;
  cancelQuery(target: TransactionId): Promise<SignalOutcome>;
  terminateSession(target: TransactionId): Promise<SignalOutcome>;
}

const sessionColumns = `pid, ${isoTime('backend_start')} AS "backendStart", user_name AS "user", application, client`;

export function sessionCalls(ask: Ask): SessionCalls {
  const signal = async (name: string, { pid, backendStart, xactStart }: TransactionId) =>
    (await ask(`SELECT dfr_ops.${name}($1, $2, $3) AS outcome`, [pid, backendStart, xactStart]))[0].outcome;
  return {
    sessions: () =>
      ask(
        `SELECT ${sessionColumns}, coalesce(database, '') AS database, coalesce(state, 'unknown') AS state,
                coalesce(state_seconds, 0) AS "stateSeconds" FROM dfr_ops.sessions()`
      ),
    headroom: async () =>
      (await ask('SELECT max_connections AS "maxConnections", reserved, used FROM dfr_ops.connection_headroom()'))[0],
    terminateIdle: (targets, minIdleSeconds, maxSessions) =>
      ask(
        `SELECT pid, ${isoTime('backend_start')} AS "backendStart", outcome
           FROM dfr_ops.terminate_idle($1::jsonb, make_interval(secs => $2), $3)`,
        [
          JSON.stringify(targets.map(({ pid, backendStart }) => ({ pid, backend_start: backendStart }))),
          minIdleSeconds,
          maxSessions,
        ]
      ),
    activity: () =>
      ask(
        `SELECT ${sessionColumns}, database, state, state_seconds AS "stateSeconds", ${isoTime('xact_start')} AS "xactStart",
                xact_seconds AS "xactSeconds", guarded, blocked_by AS "blockedBy", waits_for AS "waitsFor"
           FROM dfr_ops.activity()`
      ),
    cancelQuery: (target) => signal('cancel_query', target),
    terminateSession: (target) => signal('terminate_session', target),
  };
}
