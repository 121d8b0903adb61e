import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { SourceHealth } from '@dfr-ops/contracts';

const retryMs = 1000;
const askEveryMs = 5000;

/** Brings the store up, however long it takes, and knows how it is. */
export interface StoreKeeper {
  health(): SourceHealth;
  /** Resolves when the store was migrated; never, while it does not answer. */
  migrated: Promise<void>;
  stop(): void;
}

/**
 * Calls `migrate` (answers the names of what it applied) and `ready` as soon as the store answers, trying again until both
 * succeed; then asks it every few seconds.
 */
export function keepStore(
  pool: Pool,
  log: Logger,
  migrate: () => Promise<string[]>,
  ready: () => Promise<void>
): StoreKeeper {
  let error: string | null = 'not asked yet';
  let checkedAt: Date | null = null;
  let stopped = false;
  let tellMigrated = () => {};
  const migrated = new Promise<void>((resolve) => (tellMigrated = resolve));
  const attempt = async (work: () => Promise<unknown>): Promise<boolean> => {
    try {
      await work();
      error = null;
    } catch (failure) {
      error = (failure as Error).message || String((failure as { code?: string }).code);
      log.warn({ err: failure }, 'the store does not do its work');
    }
    checkedAt = new Date();
    return error === null;
  };
  const prepare = async () => {
    const applied = await migrate();
    if (applied.length > 0) {
      log.info({ applied }, 'the store was migrated');
    }
    tellMigrated();
    await ready();
  };
  const keep = async () => {
    while (!stopped && !(await attempt(prepare))) {
      await sleep(retryMs);
    }
    while (!stopped) {
      await sleep(askEveryMs, undefined, { ref: false });
      await (stopped || attempt(() => pool.query('SELECT 1')));
    }
  };
  void keep();
  return {
    migrated,
    health: () => ({
      name: 'store',
      kind: 'store',
      ok: error === null,
      error,
      checkedAt: checkedAt?.toISOString() ?? null,
    }),
    stop() {
      stopped = true;
    },
  };
}
