import pg from 'pg';
import { messageOf, type OdooLog } from '../odooLog.ts';

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
  const lost = (error: unknown) =>
    log.line('WARNING', 'odoo.sql_db', `Connection to the database lost: ${messageOf(error)}`);
  pool.on('error', lost);
  // Ended while somebody holds it: the query under way fails too, this only keeps the process alive.
  pool.on('connect', (client) => client.on('error', () => {}));
  const fill = async () => {
    const wanted = Math.max(size - pool.totalCount, 0) + pool.idleCount;
    const clients = await Promise.allSettled(Array.from({ length: wanted }, () => borrow(pool, lost)));
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
    query: (text, values) => holding(pool, lost, async (client) => (await client.query(text, values)).rows),
    transaction: (work) => holding(pool, lost, (client) => inTransaction(client, work)),
    fill,
    async close() {
      clearInterval(refill);
      await pool.end();
    },
  };
}

async function inTransaction<T>(client: pg.PoolClient, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  try {
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // On a connection that is gone there is nothing to roll back.
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

type Lost = (error: unknown) => void;

async function holding<T>(pool: pg.Pool, lost: Lost, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await borrow(pool, lost);
  try {
    return await work(client);
  } finally {
    client.release();
  }
}

/** A connection that works: one that was ended while it lay idle is thrown away, as Odoo's own pool does. */
async function borrow(pool: pg.Pool, lost: Lost): Promise<pg.PoolClient> {
  for (;;) {
    const fresh = pool.idleCount === 0;
    const client = await pool.connect();
    try {
      await client.query('SELECT 1');
      return client;
    } catch (error) {
      client.release(true);
      if (fresh) {
        throw error;
      }
      lost(error);
    }
  }
}
