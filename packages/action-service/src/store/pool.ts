import { Pool, types, type PoolClient } from 'pg';
import type { Logger } from 'pino';

/** What a query can be sent to: the pool, or a client inside a transaction. */
export type Queryable = Pick<PoolClient, 'query'>;

const int8 = 20;
// Our bigints count rows and events: they stay far below 2^53, and JSON has no other number.
types.setTypeParser(int8, Number);

/** The pool on the service's own PostgreSQL. It connects lazily, so that the service starts while the store is down. */
export function createPool(databaseUrl: string, log: Logger, queryTimeoutMs = 10_000): Pool {
  const pool = new Pool({
    connectionString: databaseUrl,
    application_name: 'dfr-ops-store',
    max: 10,
    connectionTimeoutMillis: 3000,
    keepAlive: true,
    // A store that hangs is a store that is down: nobody may wait for it for ever.
    query_timeout: queryTimeoutMs,
  });
  pool.on('error', (error) => log.warn({ err: error }, 'an idle connection to the store was lost'));
  // The pool listens to idle clients only: without this, a store that dies under a client in use takes the service with it.
  pool.on('connect', (client) => {
    client.on('error', (error) => log.debug({ err: error }, 'a connection to the store was lost'));
  });
  return pool;
}

/** Whether the answer to a query did not come in time; its connection is of no use any more. */
export function isTimedOut(error: unknown): boolean {
  return (error as Error).message === 'Query read timeout';
}

/** PostgreSQL's undefined_table: on the very first start the store may be looked at before it is migrated, which is no fault. */
export function isNotMigrated(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === '42P01';
}

/** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
export async function inTransaction<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>
): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    if (isTimedOut(error)) {
      // The connection still hangs in that query: closing it is what rolls back.
      broken = error as Error;
      throw error;
    }
    await client.query('ROLLBACK').catch((lost: Error) => {
      broken = lost;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
