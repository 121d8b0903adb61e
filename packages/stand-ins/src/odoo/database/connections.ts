import pg from 'pg';
import type { OdooLog } from '../odooLog.ts';
import { messageOf } from '../odooLog.ts';

const CONNECT_MS = 2000;
const STATEMENT_MS = 10_000;
const REFILL_MS = 5000;

/**
 * Odoo's connections: `size` of them kept open all the time, as a working Odoo has them, under application_name `odoo`.
 * One that is ended or refused is missed in the log and tried for again every five seconds; the process never dies of it.
 */
export interface Connections {
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Runs `work` in one transaction on one connection. */
  transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  /** Opens what is missing; rejects with the first refusal. */
  fill(): Promise<void>;
  close(): Promise<void>;
}

export function openConnections(url: string, size: number, log: OdooLog): Connections {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'odoo',
    max: size,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    keepAlive: true,
  });
  pool.on('error', (error) =>
    log.line('WARNING', 'odoo.sql_db', `Connection to the database lost: ${messageOf(error)}`)
  );
  const fill = async () => {
    const missing = size - pool.totalCount;
    const clients = await Promise.allSettled(
      Array.from({ length: Math.max(missing, 0) + pool.idleCount }, () => pool.connect())
    );
    clients.forEach((client) => client.status === 'fulfilled' && client.value.release());
    const refused = clients.find((client) => client.status === 'rejected');
    if (refused) {
      throw refused.reason;
    }
  };
  const refill = setInterval(() => {
    if (pool.totalCount < size) {
      fill().catch((error) =>
        log.line('INFO', 'odoo.sql_db', `Connection to the database failed: ${messageOf(error)}`)
      );
    }
  }, REFILL_MS);
  return {
    query: async (text, values) => (await pool.query(text, values)).rows,
    transaction: (work) => transaction(pool, work),
    fill,
    async close() {
      clearInterval(refill);
      await pool.end();
    },
  };
}

async function transaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // Ended while we hold it: the query under way fails too, this only keeps the process alive.
  const onError = (error: Error) => (broken = error);
  client.on('error', onError);
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((rollbackError: Error) => (broken = rollbackError));
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}
