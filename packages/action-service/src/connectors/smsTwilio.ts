import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SmsDelivery } from '@dfr-ops/contracts';
import { z } from 'zod';
import { SmsError } from './smsError.ts';
import { parseJson, postSms } from './smsHttp.ts';
import type { SmsProvider } from './smsProvider.ts';

const Created = z.object({ sid: z.string() });
const Refusal = z.object({ code: z.number().optional(), message: z.string() });
const Status = z.object({ MessageSid: z.string(), MessageStatus: z.string(), ErrorCode: z.string().optional() });

/**
 * A provider that speaks Twilio's Messages API: `POST <url>/2010-04-01/Accounts/<account>/Messages.json`, form-encoded, basic
 * authentication. It knows no reference of ours, so that one is put into the address of the status callback.
 */
export function createTwilioSms(options: {
  url: string;
  account: string;
  token: string;
  timeoutMs: number;
}): SmsProvider {
  const url = `${options.url.replace(/\/$/, '')}/2010-04-01/Accounts/${encodeURIComponent(options.account)}/Messages.json`;
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    authorization: `Basic ${Buffer.from(`${options.account}:${options.token}`).toString('base64')}`,
  };
  return {
    async send({ to, from, text, reference, callbackUrl }, signal) {
      const form = new URLSearchParams({ To: to, From: from, Body: text });
      if (callbackUrl) {
        form.set('StatusCallback', `${callbackUrl}?reference=${encodeURIComponent(reference)}`);
      }
      const request = { url, headers, body: form.toString(), timeoutMs: options.timeoutMs };
      const created = Created.safeParse(parseJson(await postSms(request, signal, reasonOf)));
      if (!created.success) {
        throw new SmsError('The SMS provider answered without the id (sid) of a message.', false);
      }
      return { id: created.data.sid };
    },
  };
}

function reasonOf(text: string): string {
  const refusal = Refusal.safeParse(parseJson(text));
  return refusal.success ? `${refusal.data.message} (${refusal.data.code ?? 'no code'})` : text;
}

/** Whether the request was signed with our token: HMAC-SHA1 over its whole address and its fields, sorted by name. */
export function isSignedByTwilio(
  token: string,
  url: string,
  form: Record<string, string>,
  signature: string | undefined
): boolean {
  const signed = url + Object.keys(form).sort().map((name) => name + form[name]).join(''); // prettier-ignore
  const right = createHmac('sha1', token).update(signed).digest();
  const given = Buffer.from(signature ?? '', 'base64');
  return given.length === right.length && timingSafeEqual(given, right);
}

/** What a status callback says of the message; null while it is still on its way, or when it is none. */
export function readTwilioStatus(reference: string, form: Record<string, string>, now: Date): SmsDelivery | null {
  const status = Status.safeParse(form);
  if (!status.success) {
    return null;
  }
  const { MessageSid, MessageStatus, ErrorCode } = status.data;
  const said = { id: MessageSid, reference, at: now.toISOString() };
  if (MessageStatus === 'delivered') {
    return { ...said, status: 'delivered', error: null };
  }
  return MessageStatus === 'undelivered' || MessageStatus === 'failed'
    ? { ...said, status: 'failed', error: `the provider says ${MessageStatus}${ErrorCode ? ` (${ErrorCode})` : ''}` }
    : null;
}
