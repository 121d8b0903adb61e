import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type QueryResult } from 'pg';
import type { Logger } from 'pino';
import { UnreachableError } from './unreachable.ts';

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

export interface Headroom {
  maxConnections: number;
  /** Slots that ordinary roles cannot take. */
  reserved: number;
  used: number;
}

/** What the roles of DFR's PostgreSQL may do. Null where there is no such role. */
export interface Rights {
  role: string;
  superuser: boolean;
  /** Functions of schema dfr_ops that this role needs and may not call, or that are not there. */
  lacking: string[];
  /** Role `dfr_monitor`: whether it is a superuser, and whether it has pg_monitor. */
  monitor: { superuser: boolean; pgMonitor: boolean } | null;
  /** The database's owner, who is Odoo's role; -1: no limit of connections. */
  owner: { name: string; superuser: boolean; connectionLimit: number };
  maxConnections: number;
  /** The server's clock, ms since 1970. */
  now: number;
}

export type TerminateOutcome = 'ended' | 'vanished' | 'busy' | 'too_young' | 'refused' | 'not_ended';

export interface PostgresConnector {
  sessions(): Promise<Session[]>;
  headroom(): Promise<Headroom>;
  /** Reads the catalogue only. */
  rights(): Promise<Rights>;
  /** Ends the named sessions as far as they still match; see provisioning/postgres/dfr-ops.sql for the outcomes. */
  terminateIdle(
    targets: Array<Pick<Session, 'pid' | 'backendStart'>>,
    minIdleSeconds: number,
    maxSessions: number
  ): Promise<Array<{ pid: number; backendStart: string; outcome: TerminateOutcome }>>;
  /** Why there is no connection now; null while there is one. */
  trouble(): string | null;
  close(): Promise<void>;
}

export interface PostgresOptions {
  url: string;
  password: string | null;
  log: Logger;
  queryTimeoutMs?: number;
}

const microseconds = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`;
const rightsQuery = `
  SELECT json_build_object(
    'role', current_user,
    'superuser', (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),
    'lacking', (
      SELECT coalesce(json_agg(name), '[]') FROM unnest(ARRAY[
        'dfr_ops.sessions()', 'dfr_ops.connection_headroom()', 'dfr_ops.terminate_idle(jsonb, interval, int)'
      ]) AS name
      WHERE NOT coalesce(has_schema_privilege(to_regnamespace('dfr_ops')::oid, 'USAGE'), false)
         OR NOT coalesce(has_function_privilege(to_regprocedure(name), 'EXECUTE'), false)
    ),
    'monitor', (
      SELECT json_build_object('superuser', rolsuper, 'pgMonitor', pg_has_role(oid, 'pg_monitor', 'MEMBER'))
      FROM pg_roles WHERE rolname = 'dfr_monitor'
    ),
    'owner', (
      SELECT json_build_object('name', rolname, 'superuser', rolsuper, 'connectionLimit', rolconnlimit)
      FROM pg_roles WHERE oid = (SELECT datdba FROM pg_database WHERE datname = current_database())
    ),
    'maxConnections', current_setting('max_connections')::int,
    'now', extract(epoch FROM clock_timestamp()) * 1000
  ) AS rights`;
const keepAliveMs = 5000;
const longestWaitMs = 5000;

/**
 * Holds one connection to DFR's PostgreSQL open for good, as role dfr_ops: at max_connections nobody gets a new one. When it is
 * lost it is opened again, at first at once and then ever more slowly up to every 5 s. Calls wait for nothing: without a
 * connection they throw UnreachableError.
 */
export function connectPostgres(options: PostgresOptions): PostgresConnector {
  const held = holdConnection(options);
  const ask = async (text: string, values: unknown[] = []) => {
    const client = held.client();
    if (!client) {
      throw new UnreachableError(`DFR's PostgreSQL does not answer: ${held.trouble()}`);
    }
    return (await inTurn(client, text, values)).rows;
  };
  return {
    sessions: () =>
      ask(
        `SELECT pid, to_char(backend_start AT TIME ZONE 'UTC', ${microseconds}) AS "backendStart", user_name AS "user",
                application, client, coalesce(database, '') AS database, coalesce(state, 'unknown') AS state,
                coalesce(state_seconds, 0) AS "stateSeconds" FROM dfr_ops.sessions()`
      ),
    headroom: async () =>
      (await ask('SELECT max_connections AS "maxConnections", reserved, used FROM dfr_ops.connection_headroom()'))[0],
    rights: async () => (await ask(rightsQuery))[0].rights,
    terminateIdle: (targets, minIdleSeconds, maxSessions) =>
      ask(
        `SELECT pid, to_char(backend_start AT TIME ZONE 'UTC', ${microseconds}) AS "backendStart", outcome
           FROM dfr_ops.terminate_idle($1::jsonb, make_interval(secs => $2), $3)`,
        [
          JSON.stringify(targets.map(({ pid, backendStart }) => ({ pid, backend_start: backendStart }))),
          minIdleSeconds,
          maxSessions,
        ]
      ),
    trouble: held.trouble,
    close: held.close,
  };
}

function holdConnection({ url, password, log, queryTimeoutMs = 15_000 }: PostgresOptions) {
  let current: Client | null = null;
  let trouble: string | null = 'not connected yet';
  const closed = new AbortController();
  const open = async (): Promise<Client> => {
    const client = new Client({
      connectionString: withPassword(url, password),
      application_name: 'dfr-ops',
      keepAlive: true,
      connectionTimeoutMillis: 3000,
      query_timeout: queryTimeoutMs,
      // The server gives up a little earlier: a call that nobody waits for any more must not go on ending sessions.
      statement_timeout: Math.round(queryTimeoutMs * 0.9),
    });
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const hold = async (): Promise<void> => {
    for (let waitMs = 100; !closed.signal.aborted;) {
      try {
        const client = await open();
        const lost = new Promise<void>((resolve) => client.once('end', resolve));
        current = client;
        trouble = null;
        waitMs = 100;
        await watch(client, lost, closed.signal);
        trouble = 'the connection was lost';
      } catch (error) {
        trouble = (error as Error).message;
      }
      current = null;
      if (!closed.signal.aborted) {
        log.warn({ trouble }, "no connection to DFR's PostgreSQL");
        await sleep(waitMs, undefined, { signal: closed.signal }).catch(() => {});
        waitMs = Math.min(waitMs * 2, longestWaitMs);
      }
    }
  };
  const holding = hold();
  return {
    client: () => current,
    trouble: () => trouble,
    close: async () => {
      closed.abort();
      await current?.end().catch(() => {});
      await holding;
    },
  };
}

/** Returns when the connection is gone; asks it every few seconds, so that a dead one is noticed. */
async function watch(client: Client, lost: Promise<void>, closed: AbortSignal): Promise<void> {
  let open = true;
  const ended = lost.then(() => {
    open = false;
  });
  while (open && !closed.aborted) {
    const timer = new AbortController();
    await Promise.race([
      ended,
      sleep(keepAliveMs, undefined, { signal: AbortSignal.any([timer.signal, closed]) }).catch(() => {}),
    ]);
    timer.abort();
    if (open && !closed.aborted) {
      await inTurn(client, 'SELECT 1').catch(() => client.end());
    }
  }
}

/** pg lets what the URL says, and does not say, go before everything else. */
function withPassword(url: string, password: string | null): string {
  if (password === null) {
    return url;
  }
  const full = new URL(url);
  full.password = encodeURIComponent(password);
  return full.href;
}

/** The answer did not come in time; the connection is of no use any more. */
function isTimedOut(error: Error): boolean {
  return error.message === 'Query read timeout';
}

const turns = new WeakMap<Client, Promise<unknown>>();

/** One connection does one thing at a time. */
function inTurn(client: Client, text: string, values: unknown[] = []): Promise<QueryResult> {
  const mine = (turns.get(client) ?? Promise.resolve())
    .then(() => client.query(text, values))
    .catch((error: Error) => {
      if (isTimedOut(error)) {
        // It is still busy with that query: another one would stand behind it.
        void client.end().catch(() => {});
      }
      throw error;
    });
  turns.set(
    client,
    mine.catch(() => {})
  );
  return mine;
}
