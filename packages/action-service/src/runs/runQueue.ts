import { PgBoss } from 'pg-boss';
import type { PoolClient } from 'pg';
import type { Logger } from 'pino';

const queue = 'runs';
/** Of one process. */
export const runsAtOnce = 10;

/** Hands out runs to the replicas. It never repeats one: what became of a lost run is decided by the run's own row. */
export interface RunQueue {
  /** Sends a run's job in the caller's transaction. */
  send(client: PoolClient, runId: string): Promise<void>;
  start(perform: (runId: string) => Promise<void>): Promise<void>;
  /** Waits up to `graceMs` for the runs that go on here. */
  stop(graceMs: number): Promise<void>;
}

export function createRunQueue(databaseUrl: string, log: Logger): RunQueue {
  const boss = new PgBoss({
    connectionString: databaseUrl,
    application_name: 'dfr-ops-queue',
    max: 4,
    useListenNotify: true,
    schedule: false,
  });
  boss.on('error', (error) => log.warn({ err: error }, 'the queue of runs has an error'));
  let started = false;
  return {
    async send(client, runId) {
      const db = { executeSql: (text: string, values?: unknown[]) => client.query(text, values) };
      await boss.send(queue, { runId }, { db });
    },
    async start(perform) {
      if (!started) {
        await boss.start();
        started = true;
      }
      const options = {
        retryLimit: 0,
        expireInSeconds: 7200,
        heartbeatSeconds: 30,
        notify: true,
        deleteAfterSeconds: 86_400,
      };
      await boss.createQueue(queue, options);
      await boss.updateQueue(queue, options);
      await boss.work<{ runId: string }>(
        queue,
        {
          batchSize: 1,
          localConcurrency: runsAtOnce,
          pollingIntervalSeconds: 2,
          notifyPollingIntervalSeconds: 10,
          heartbeatRefreshSeconds: 10,
        },
        async ([job]) => {
          if (job) {
            await perform(job.data.runId);
          }
        }
      );
    },
    async stop(graceMs) {
      if (started) {
        await boss.stop({ graceful: true, timeout: graceMs, close: true });
      }
    },
  };
}
