import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import type { Logger } from 'pino';
import { inTransaction } from '../store/pool.ts';
import { appendEvent, type Told } from './appendEvent.ts';
import type { RunRow } from './runRow.ts';

/** The run is somebody else's now, or ended: this process must not go on with it. */
export class RunLost extends Error {}

export interface RunWriter {
  /** Writes an event and the change it tells of. `also` joins the same transaction. Throws RunLost. */
  tell(told: Told, also?: (client: PoolClient, row: RunRow) => Promise<void>): Promise<RunRow>;
}

const retryMs = 500;
const patienceMs = 10 * 60_000;
const storeAway = /^(ECONN|ETIMEDOUT|EPIPE|08|57P0)/;

/** Writes the story of one run by the worker that has it. While the store is away it waits for it: what happened must be told. */
export function runWriter(pool: Pool, log: Logger, runId: string, worker: number): RunWriter {
  return {
    async tell(told, also) {
      for (const until = Date.now() + patienceMs; ;) {
        try {
          return await inTransaction(pool, async (client) => {
            const row = await appendEvent(client, runId, told, { worker });
            if (!row) {
              throw new RunLost(`run ${runId} is no longer this worker's`);
            }
            await also?.(client, row);
            return row;
          });
        } catch (error) {
          const code = (error as { code?: string }).code ?? (error as Error).message;
          const away = storeAway.test(code) || /connect|terminated|Query read timeout/i.test((error as Error).message);
          if (error instanceof RunLost || !away || Date.now() > until) {
            throw error;
          }
          log.warn({ err: error, runId }, 'the store is away: the run waits for it');
          await sleep(retryMs);
        }
      }
    },
  };
}
