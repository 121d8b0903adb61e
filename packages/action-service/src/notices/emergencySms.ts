import type { Logger } from 'pino';
import { SmsError } from '../connectors/smsError.ts';
import type { Channels } from './channels.ts';
import { digestText, type NumberRate } from './digestStorm.ts';
import type { NoticeMetrics } from './noticeMetrics.ts';
import { pauseSeconds } from './sendNotices.ts';

export type ToldWithoutStore = { recipient: string; text: string; providerId: string | null; at: Date };
/** What a digest says of an alert. */
export type ToldAlert = { alert_name: string; severity: string };

/**
 * Tells by SMS while the store is down. What was told is kept in memory, so that a repeated webhook tells nobody twice
 * and the store can be told of it when it is back.
 */
export type EmergencySms = {
  /**
   * Begins to send to every recipient that has not been told of this `instance` (its start) of `subject` (a fingerprint,
   * `watchdog`). An `alert` keeps to the number's rate: in a storm it is told with others in one SMS; without one it goes at once.
   */
  tell: (subject: string, instance: string, text: string, alert?: ToldAlert) => void;
  /** That the store has taken charge of telling of this instance. */
  leaveToStore: (subject: string, instance: string) => void;
  /** What was told of a subject without the store, once: then it is the store's. */
  take: (subject: string) => ToldWithoutStore[];
};

type Held = { subject: string; reference: string; entry: ToldWithoutStore; alert: ToldAlert };

const ATTEMPTS = 10;
/** More than these for one number within a minute are a storm. */
const AT_ONE_TIME = 5;
const STORM_MS = 60_000;
/** A storm is looked at again after this; what has gathered by then is told together. */
const GATHER_MS = 5000;

export function createEmergencySms(
  sms: Channels['sms'],
  recipients: string[],
  rate: NumberRate,
  log: Logger,
  metrics: Pick<NoticeMetrics, 'failed'>
): EmergencySms {
  const told = new Map<string, { instance: string; entries: Map<string, ToldWithoutStore> }>();
  const leftToStore = new Map<string, string>();
  const sentAt = new Map<string, number[]>();
  const held = new Map<string, Held[]>();
  let gathering: NodeJS.Timeout | undefined;

  const send = async (reference: string, text: string, entries: ToldWithoutStore[], attempt = 1): Promise<void> => {
    try {
      const { provider, from, callbackUrl } = sms!;
      const { id } = await provider.send({ to: entries[0]!.recipient, from, text, reference, callbackUrl });
      entries.forEach((entry) => Object.assign(entry, { providerId: id, at: new Date() }));
    } catch (error) {
      log.error({ err: error, reference, attempt }, 'an SMS could not be sent while the store is down');
      if (attempt < ATTEMPTS && !(error instanceof SmsError && error.permanent)) {
        const wished = error instanceof SmsError ? (error.retryAfterSeconds ?? 0) : 0;
        const pause = Math.max(wished, pauseSeconds(attempt)) * 1000;
        setTimeout(() => void send(reference, text, entries, attempt + 1), pause).unref();
      } else {
        metrics.failed('sms');
      }
    }
  };
  const start = (reference: string, text: string, entries: ToldWithoutStore[]) => {
    const { recipient } = entries[0]!;
    sentAt.set(recipient, [...(sentAt.get(recipient) ?? []), Date.now()].slice(-rate.count));
    void send(reference, text, entries);
  };
  /** The last place is kept for the one that tells of the rest. */
  const hasRoom = (recipient: string, kept: number) => {
    const since = (ms: number) => (sentAt.get(recipient) ?? []).filter((at) => Date.now() - at < ms).length;
    return since(STORM_MS) < AT_ONE_TIME - kept && since(rate.seconds * 1000) < rate.count - kept;
  };
  const tellGathered = () => {
    gathering = undefined;
    for (const [recipient, waiting] of held) {
      const since = (sentAt.get(recipient) ?? []).filter((at) => Date.now() - at < rate.seconds * 1000).length;
      if (since >= rate.count) {
        continue;
      }
      held.delete(recipient);
      const { reference, entry } = waiting[0]!;
      const together = digestText(waiting.map((one) => one.alert), false, rate.publicUrl); // prettier-ignore
      start(reference, waiting.length === 1 ? entry.text : together, waiting.map((one) => one.entry)); // prettier-ignore
    }
    gather();
  };
  const gather = () => {
    if (held.size > 0) {
      gathering ??= setTimeout(tellGathered, GATHER_MS).unref();
    }
  };

  return {
    tell(subject, instance, text, alert) {
      if (!sms || leftToStore.get(subject) === instance) {
        return;
      }
      const known = told.get(subject);
      const entries = known?.instance === instance ? known.entries : new Map<string, ToldWithoutStore>();
      told.set(subject, { instance, entries });
      for (const recipient of recipients.filter((one) => !entries.has(one))) {
        const entry = { recipient, text, providerId: null, at: new Date() };
        entries.set(recipient, entry);
        const reference = `${subject}/${instance}/${recipient}`;
        if (alert && (held.has(recipient) || !hasRoom(recipient, 1))) {
          const waiting = held.get(recipient) ?? [];
          waiting.push({ subject, reference, entry, alert });
          held.set(recipient, waiting);
          gather();
        } else {
          start(reference, text, [entry]);
        }
      }
    },
    leaveToStore: (subject, instance) => void leftToStore.set(subject, instance),
    take(subject) {
      const entries = [...(told.get(subject)?.entries.values() ?? [])].filter(({ providerId }) => providerId !== null);
      told.delete(subject);
      // What still waits is the store's to tell.
      for (const [recipient, waiting] of held) {
        const left = waiting.filter((one) => one.subject !== subject);
        if (left.length === 0) {
          held.delete(recipient);
        } else {
          held.set(recipient, left);
        }
      }
      return entries;
    },
  };
}
