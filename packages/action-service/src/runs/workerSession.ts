import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomInt } from 'node:crypto';
import { Client } from 'pg';
import type { Logger } from 'pino';
import type { Queryable } from '../store/pool.ts';
import { runChannel } from './appendEvent.ts';

/** First key of the advisory locks that workers hold while they live; the second is the worker's number. */
const workerLocks = 72_620;

/**
 * A connection of its own to the store, with two uses. It holds an advisory lock under this process's number: when the process
 * dies, in whatever way, PostgreSQL frees it at once, and everybody can tell that its runs are nobody's. And it hears of new
 * events of runs.
 */
export interface WorkerSession {
  number: number;
  /** Emits `run` with a run's id whenever an event of it was written, by whichever replica. */
  feed: EventEmitter<{ run: [string] }>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function openWorkerSession(databaseUrl: string, log: Logger): WorkerSession {
  const number = randomInt(1, 2 ** 31 - 1);
  const feed = new EventEmitter<{ run: [string] }>();
  feed.setMaxListeners(0);
  let client: Client | null = null;
  let stopped = false;
  const open = async (): Promise<void> => {
    const fresh = new Client({
      connectionString: databaseUrl,
      application_name: 'dfr-ops-worker',
      keepAlive: true,
      connectionTimeoutMillis: 3000,
    });
    fresh.on('error', () => {});
    await fresh.connect();
    fresh.on('notification', ({ payload }) => feed.emit('run', payload ?? ''));
    await fresh.query('SELECT pg_advisory_lock($1, $2)', [workerLocks, number]);
    await fresh.query(`LISTEN ${runChannel}`);
    fresh.once('end', () => void reopen());
    client = fresh;
  };
  const reopen = async (): Promise<void> => {
    while (!stopped) {
      try {
        return await open();
      } catch (error) {
        log.warn({ err: error }, "the worker's connection to the store was lost");
        await sleep(500);
      }
    }
  };
  return {
    number,
    feed,
    start: open,
    async stop() {
      stopped = true;
      await client?.end().catch(() => {});
    },
  };
}

/** Whether nobody holds this worker's lock. Takes it for the length of the caller's transaction when so. */
export async function isWorkerDead(client: Queryable, worker: number): Promise<boolean> {
  const { rows } = await client.query('SELECT pg_try_advisory_xact_lock($1, $2) AS dead', [workerLocks, worker]);
  return rows[0].dead;
}
