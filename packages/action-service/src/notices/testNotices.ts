import { randomUUID } from 'node:crypto';
import type { SmsDelivery, TestNotice, TestNoticeRequest } from '@dfr-ops/contracts';
import type { Channels } from './channels.ts';

export interface TestNotices {
  /** Sends now, to exactly those who are named, and waits until server and provider have answered. Never throws. */
  send(request: TestNoticeRequest): Promise<TestNotice[]>;
  /** What is known by now; null: no such notice of this process. */
  find(reference: string): TestNotice | null;
  /** Books a receipt of the SMS provider if it is about a test; false when it is not. */
  takeReceipt(receipt: SmsDelivery): boolean;
}

const PREFIX = 'doctor-';
const KEPT = 50;

/** Notices that somebody asked for to see whether they arrive: by the service's own channels, past the store. */
export function createTestNotices(channels: Channels, now: () => Date): TestNotices {
  const known = new Map<string, TestNotice>();
  const attempt = async (channel: TestNotice['channel'], work: (reference: string) => Promise<void>) => {
    const reference = `${PREFIX}${channel}-${randomUUID()}`;
    const notice: TestNotice = { channel, reference, state: 'accepted', error: null };
    // Before it is sent: a receipt may come before the provider's answer.
    known.set(reference, notice);
    [...known.keys()].slice(0, -KEPT).forEach((old) => known.delete(old));
    await work(reference).catch((error: Error) => Object.assign(notice, { state: 'failed', error: error.message }));
    return notice;
  };
  const mail = async (to: string, reference: string) => {
    if (!channels.mail) {
      throw new Error('No mail server is configured (SMTP_URL, MAIL_FROM).');
    }
    const text = `This is a test that an administrator asked for at ${now().toISOString()}. Nothing is wrong.\nReference: ${reference}`;
    const html = `<p>${text.replace('\n', '<br>')}</p>`;
    await channels.mail.send({ to, subject: 'DFR Ops: test by the action service', text, html, reference });
  };
  const sms = async (to: string, reference: string) => {
    if (!channels.sms) {
      throw new Error('No SMS provider is configured (SMS_PROVIDER_URL).');
    }
    const { provider, from, callbackUrl } = channels.sms;
    const text = `DFR Ops test, ${now().toISOString().slice(0, 16)} UTC. An administrator asked for it; nothing is wrong.`;
    await provider.send({ to, from, text, reference, callbackUrl });
  };
  return {
    async send(request) {
      const { mail: mailTo, sms: smsTo } = request;
      return Promise.all([
        ...(mailTo ? [attempt('mail', (reference) => mail(mailTo, reference))] : []),
        ...(smsTo ? [attempt('sms', (reference) => sms(smsTo, reference))] : []),
      ]);
    },
    find: (reference) => known.get(reference) ?? null,
    takeReceipt({ reference, status, error }) {
      if (!reference.startsWith(PREFIX)) {
        return false;
      }
      const notice = known.get(reference);
      if (notice) {
        Object.assign(notice, {
          state: status,
          error: status === 'failed' ? (error ?? 'The provider gives no reason.') : null,
        });
      }
      return true;
    },
  };
}
