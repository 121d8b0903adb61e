import type { Logger } from 'pino';
import type { Pool } from 'pg';
import type { EmergencySms } from '../notices/emergencySms.ts';
import { formatDuration, formatInstant } from '../notices/formatValue.ts';
import { toGsm } from '../notices/gsmText.ts';
import { queueNotice } from '../notices/noticeStore.ts';

export type Watchdog = {
  /** The Watchdog alert came: the way from Prometheus to us works. */
  beat: (at: Date) => void;
  heardAt: () => Date | null;
  /** Sends one SMS when the beat has stopped; to be called every few seconds. */
  check: (now: Date) => Promise<void>;
};

export type WatchdogOptions = {
  store: Pool;
  emergency: EmergencySms;
  recipients: string[];
  silentAfterMs: number;
  log: Logger;
  startedAt: Date;
  publicUrl: string;
};

const NAME = 'Watchdog';

/** Watches that alerts can reach us. An installation whose Watchdog was never heard is left alone. */
export function createWatchdog({
  store,
  emergency,
  recipients,
  silentAfterMs,
  log,
  startedAt,
  publicUrl,
}: WatchdogOptions): Watchdog {
  let heardAt: Date | null = null;
  let toldOf: string | null = null;
  let recalled = false;

  const recall = async () => {
    if (!recalled) {
      const { rows } = await store.query('SELECT heard_at FROM heartbeats WHERE name = $1', [NAME]);
      heardAt ??= rows[0]?.heard_at ?? null;
      recalled = true;
    }
  };
  return {
    beat(at) {
      heardAt = at;
      store
        .query(
          'INSERT INTO heartbeats (name, heard_at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET heard_at = greatest(heartbeats.heard_at, excluded.heard_at)',
          [NAME, at]
        )
        .catch((error) => log.warn({ err: error }, 'the beat of Watchdog could not be kept'));
    },
    heardAt: () => heardAt,
    async check(now) {
      await recall().catch((error) =>
        log.debug({ err: error }, 'the last beat of a former process cannot be read yet')
      );
      // Beats that came while this process was not there were not missed: it waits anew from its start.
      const since = Math.max(heardAt?.getTime() ?? 0, startedAt.getTime());
      if (heardAt === null || now.getTime() - since < silentAfterMs || toldOf === heardAt.toISOString()) {
        return;
      }
      toldOf = heardAt.toISOString();
      const silence = formatDuration(now.getTime() - heardAt.getTime());
      const text = toGsm(
        `NO ALERTS ARRIVE: Watchdog silent for ${silence}, last heard ${formatInstant(heardAt.getTime())}. Prometheus or Alertmanager is down or cut off. Look at both.\n${publicUrl}/a/dfr-ops-app/overview`
      );
      log.error({ heardAt }, 'Watchdog is silent: alerts may not reach anybody');
      try {
        for (const recipient of recipients) {
          await queueNotice(store, {
            reference: `watchdog/${toldOf}/${recipient}`,
            incidentId: null,
            kind: 'sms_watchdog',
            recipient,
            text,
          });
        }
      } catch {
        emergency.tell('watchdog', toldOf, text);
      }
    },
  };
}
