import { Gauge, type Registry } from 'prom-client';
import type { SourceHealth } from '@dfr-ops/contracts';
import type { Queryable } from './pool.ts';

const stuckAfterSeconds = 30;

/** Shows whether the store answers, and how many accepted runs nobody begins: what DfrOpsStoreDown and DfrOpsRunsStuck look at. */
export function storeMetrics(registry: Registry, store: Queryable, health: () => SourceHealth): void {
  new Gauge({
    name: 'dfr_ops_store_up',
    help: "Whether the service's own PostgreSQL is migrated and answers: 1 or 0.",
    registers: [registry],
    collect() {
      this.set(health().ok ? 1 : 0);
    },
  });
  new Gauge({
    name: 'dfr_ops_runs_stuck',
    help: `Accepted runs that wait for more than ${stuckAfterSeconds} s to be begun; missing while the store does not answer.`,
    registers: [registry],
    async collect() {
      this.remove();
      const stuck = health().ok ? await countStuck(store).catch(() => null) : null;
      if (stuck !== null) {
        this.set(stuck);
      }
    },
  });
}

async function countStuck(store: Queryable): Promise<number> {
  const { rows } = await store.query(
    `SELECT count(*) AS stuck FROM runs JOIN run_events e ON e.run_id = runs.id AND e.seq = runs.last_seq
     WHERE finished_at IS NULL AND state = 'queued' AND e.at < clock_timestamp() - make_interval(secs => $1)`,
    [stuckAfterSeconds]
  );
  return rows[0].stuck;
}
