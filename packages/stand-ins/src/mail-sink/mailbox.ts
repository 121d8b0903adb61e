import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { openJsonLines } from '../journal/jsonLines.ts';
import { comeSince } from '../journal/since.ts';

export const Mail = z.object({
  id: z.string(),
  /** When it was taken, ISO 8601 with milliseconds. */
  at: z.string(),
  from: z.string(),
  /** Envelope recipients. */
  to: z.array(z.string()),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
});
export type Mail = z.infer<typeof Mail>;

export interface Mailbox {
  put(mail: Omit<Mail, 'id' | 'at'>): Mail;
  /** Newest last. */
  since(instant: string | undefined): Mail[];
}

/** Keeps mails in `messages.jsonl` below the folder. */
export function openMailbox(folder: string): Mailbox {
  const lines = openJsonLines(join(folder, 'messages.jsonl'));
  const mails = lines.read().flatMap((value) => Mail.safeParse(value).data ?? []);
  return {
    put(content) {
      const mail = { id: randomUUID(), at: new Date().toISOString(), ...content };
      lines.append(mail);
      mails.push(mail);
      return mail;
    },
    since: (instant) => comeSince(mails, instant),
  };
}
