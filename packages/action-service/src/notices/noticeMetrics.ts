import { Counter, Gauge, type Registry } from 'prom-client';
import type { Queryable } from '../store/pool.ts';

/** By mail the service sends resolved notices only; those of a breach are Alertmanager's. */
export type Channel = 'sms' | 'resolved-email';

export type NoticeMetrics = {
  /** A notice was refused for good, or given up. */
  failed: (channel: Channel) => void;
  /** Looks in the store for notices that are tried in vain. Never fails: when it does not answer, nothing is known of them. */
  lookForStuck: (store: Queryable) => Promise<void>;
};

const channels: readonly Channel[] = ['sms', 'resolved-email'];
/** At 1, 3, 7 and 15 s after the first attempt. */
const attemptsInVain = 5;

export function createNoticeMetrics(registry: Registry): NoticeMetrics {
  const failures = new Counter({
    name: 'dfr_ops_notices_failed_total',
    help: 'Notices that were refused for good or given up.',
    labelNames: ['channel'] as const,
    registers: [registry],
  });
  // From the start, so that the first failure is a growth.
  channels.forEach((channel) => failures.inc({ channel }, 0));
  let stuck: Map<string, number> | null = null;
  new Gauge({
    name: 'dfr_ops_notices_stuck',
    help: 'Notices that have not been accepted after several attempts, and are tried again.',
    labelNames: ['channel'] as const,
    registers: [registry],
    collect() {
      this.reset();
      if (stuck) {
        channels.forEach((channel) => this.set({ channel }, stuck?.get(channel) ?? 0));
      }
    },
  });
  return {
    failed: (channel) => failures.inc({ channel }),
    async lookForStuck(store) {
      stuck = await countStuck(store).catch(() => null);
    },
  };
}

async function countStuck(store: Queryable): Promise<Map<string, number>> {
  const { rows } = await store.query(
    `SELECT CASE WHEN kind LIKE 'email%' THEN 'resolved-email' ELSE 'sms' END AS channel, count(*) AS notices
     FROM notices WHERE state IN ('queued', 'sending') AND attempts >= $1 GROUP BY 1`,
    [attemptsInVain]
  );
  return new Map(rows.map(({ channel, notices }) => [channel, notices]));
}
