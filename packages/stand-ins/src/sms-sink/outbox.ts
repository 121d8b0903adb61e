import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { SmsMessage } from '@dfr-ops/contracts';
import { z } from 'zod';
import { openJsonLines } from '../journal/jsonLines.ts';
import { comeSince } from '../journal/since.ts';

export const KeptSms = z.object({
  id: z.string(),
  /** When it was accepted, ISO 8601 with milliseconds. */
  at: z.string(),
  deliveredAt: z.string().nullable(),
  to: z.string(),
  from: z.string(),
  text: z.string(),
  reference: z.string(),
  callbackUrl: z.string().nullable(),
});
export type KeptSms = z.infer<typeof KeptSms>;

const Line = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('accepted'), sms: KeptSms }),
  z.object({ kind: z.literal('delivered'), id: z.string(), at: z.string() }),
]);

export interface Outbox {
  /** Keeps the message; `fresh` is false when its reference is known: it is the same message then, and is kept once. */
  accept(message: SmsMessage): { sms: KeptSms; fresh: boolean };
  delivered(sms: KeptSms, at: string): void;
  /** Newest last. */
  since(instant: string | undefined): KeptSms[];
}

/** Keeps messages in `messages.jsonl` below the folder: one line when accepted, one when delivered. */
export function openOutbox(folder: string): Outbox {
  const lines = openJsonLines(join(folder, 'messages.jsonl'));
  const byReference = new Map(readBack(lines.read()).map((sms) => [sms.reference, sms]));
  return {
    accept(message) {
      const known = byReference.get(message.reference);
      if (known) {
        return { sms: known, fresh: false };
      }
      const sms = { id: randomUUID(), at: new Date().toISOString(), deliveredAt: null, ...message };
      lines.append({ kind: 'accepted', sms });
      byReference.set(sms.reference, sms);
      return { sms, fresh: true };
    },
    delivered(sms, at) {
      lines.append({ kind: 'delivered', id: sms.id, at });
      sms.deliveredAt = at;
    },
    since: (instant) => comeSince([...byReference.values()], instant),
  };
}

function readBack(values: unknown[]): KeptSms[] {
  const byId = new Map<string, KeptSms>();
  for (const value of values) {
    const line = Line.safeParse(value).data;
    if (line?.kind === 'accepted') {
      byId.set(line.sms.id, line.sms);
    } else if (line?.kind === 'delivered') {
      const sms = byId.get(line.id);
      if (sms) {
        sms.deliveredAt = line.at;
      }
    }
  }
  return [...byId.values()];
}
