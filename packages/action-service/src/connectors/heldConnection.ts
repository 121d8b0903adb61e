import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type QueryResult } from 'pg';
import type { Logger } from 'pino';
import { UnreachableError } from './unreachable.ts';

export interface HeldConnectionOptions {
  url: string;
  password: string | null;
  log: Logger;
  queryTimeoutMs?: number;
}

/** Rows of one statement, over the connection that is held. Throws UnreachableError at once when there is none. */
export type Ask = (text: string, values?: unknown[]) => Promise<any[]>;

export interface HeldConnection {
  ask: Ask;
  /** Why there is no connection now; null while there is one. */
  trouble(): string | null;
  close(): Promise<void>;
}

const keepAliveMs = 5000;
const longestWaitMs = 5000;

/**
 * Holds one connection to DFR's PostgreSQL open for good, as role dfr_ops: at max_connections nobody gets a new one. When it is
 * lost it is opened again, at first at once and then ever more slowly up to every 5 s.
 */
export function holdConnection({ url, password, log, queryTimeoutMs = 15_000 }: HeldConnectionOptions): HeldConnection {
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
    ask: async (text, values = []) => {
      if (!current) {
        throw new UnreachableError(`DFR's PostgreSQL does not answer: ${trouble}`);
      }
      return (await inTurn(current, text, values)).rows;
    },
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
export function withPassword(url: string, password: string | null): string {
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
