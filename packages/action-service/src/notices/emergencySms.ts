import type { Logger } from 'pino';
import { SmsError } from '../connectors/smsProvider.ts';
import type { NoticeMetrics } from './noticeMetrics.ts';
import { pauseSeconds, type Channels } from './sendNotices.ts';

export type ToldWithoutStore = { recipient: string; text: string; providerId: string | null; at: Date };

/**
 * Tells by SMS while the store is down. What was told is kept in memory, so that a repeated webhook tells nobody twice
 * and the store can be told of it when it is back.
 */
export type EmergencySms = {
  /** Begins to send to every recipient that has not been told of this `instance` (its start) of `subject` (a fingerprint, `watchdog`). */
  tell: (subject: string, instance: string, text: string) => void;
  /** That the store has taken charge of telling of this instance. */
  leaveToStore: (subject: string, instance: string) => void;
  /** What was told of a subject without the store, once: then it is the store's. */
  take: (subject: string) => ToldWithoutStore[];
};

const ATTEMPTS = 10;

export function createEmergencySms(
  sms: Channels['sms'],
  recipients: string[],
  log: Logger,
  metrics: Pick<NoticeMetrics, 'failed'>
): EmergencySms {
  const told = new Map<string, { instance: string; entries: Map<string, ToldWithoutStore> }>();
  const leftToStore = new Map<string, string>();

  const send = async (reference: string, entry: ToldWithoutStore, attempt = 1): Promise<void> => {
    try {
      const { provider, from, callbackUrl } = sms!;
      const { id } = await provider.send({ to: entry.recipient, from, text: entry.text, reference, callbackUrl });
      entry.providerId = id;
      entry.at = new Date();
    } catch (error) {
      log.error({ err: error, reference, attempt }, 'an SMS could not be sent while the store is down');
      if (attempt < ATTEMPTS && !(error instanceof SmsError && error.permanent)) {
        setTimeout(() => void send(reference, entry, attempt + 1), pauseSeconds(attempt) * 1000).unref();
      } else {
        metrics.failed('sms');
      }
    }
  };

  return {
    tell(subject, instance, text) {
      if (!sms || leftToStore.get(subject) === instance) {
        return;
      }
      const known = told.get(subject);
      const entries = known?.instance === instance ? known.entries : new Map<string, ToldWithoutStore>();
      told.set(subject, { instance, entries });
      for (const recipient of recipients.filter((one) => !entries.has(one))) {
        const entry = { recipient, text, providerId: null, at: new Date() };
        entries.set(recipient, entry);
        void send(`${subject}/${instance}/${recipient}`, entry);
      }
    },
    leaveToStore: (subject, instance) => void leftToStore.set(subject, instance),
    take(subject) {
      const entries = [...(told.get(subject)?.entries.values() ?? [])].filter(({ providerId }) => providerId !== null);
      told.delete(subject);
      return entries;
    },
  };
}
