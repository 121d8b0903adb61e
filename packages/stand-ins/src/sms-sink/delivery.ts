import { setTimeout as sleep } from 'node:timers/promises';
import type { SmsDelivery } from '@dfr-ops/contracts';
import type { KeptSms, Outbox } from './outbox.ts';

const DELIVERY_MS = 200;
/** Pauses before the second and the third try. */
const PAUSES_MS = [500, 2000];
const TRY_MS = 3000;

export interface Delivery {
  /** Delivers after a moment, as a provider does, and reports it to the message's callbackUrl. Returns at once. */
  deliver(sms: KeptSms): void;
  stop(): Promise<void>;
}

export function createDelivery(outbox: Outbox, warn: (what: string, sms: KeptSms) => void): Delivery {
  const stopping = new AbortController();
  const underWay = new Set<Promise<void>>();
  const run = async (sms: KeptSms) => {
    await sleep(DELIVERY_MS, undefined, { signal: stopping.signal });
    const at = new Date().toISOString();
    outbox.delivered(sms, at);
    if (sms.callbackUrl !== null) {
      await report(sms.callbackUrl, { id: sms.id, reference: sms.reference, status: 'delivered', at, error: null });
    }
  };
  const report = async (url: string, body: SmsDelivery) => {
    const failures: string[] = [];
    for (const pause of [0, ...PAUSES_MS]) {
      await sleep(pause, undefined, { signal: stopping.signal });
      const failure = await post(url, body, stopping.signal);
      if (failure === null) {
        return;
      }
      failures.push(failure);
    }
    throw new Error(`nobody took the delivery report: ${failures.join(', ')}`);
  };
  return {
    deliver(sms) {
      const work = run(sms)
        .catch((error: Error) => (stopping.signal.aborted ? undefined : warn(error.message, sms)))
        .finally(() => underWay.delete(work));
      underWay.add(work);
    },
    async stop() {
      stopping.abort();
      await Promise.all(underWay);
    },
  };
}

/** Null when it was taken, else why not. */
async function post(url: string, body: SmsDelivery, stopping: AbortSignal): Promise<string | null> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.any([stopping, AbortSignal.timeout(TRY_MS)]),
    });
    await answer.body?.cancel();
    return answer.ok ? null : `status ${answer.status}`;
  } catch (error) {
    const { cause, message } = error as Error;
    return cause instanceof Error ? cause.message : message;
  }
}
