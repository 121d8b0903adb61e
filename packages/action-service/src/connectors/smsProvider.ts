import { SmsAccepted, type SmsMessage } from '@dfr-ops/contracts';
import { SmsError } from './smsError.ts';
import { parseJson, postSms } from './smsHttp.ts';

/** One way to send SMS. Answers the provider's id of the message (ours where it gives none); accepted is not delivered. Throws SmsError. */
export type SmsProvider = { send: (message: SmsMessage, signal?: AbortSignal) => Promise<{ id: string }> };

/** A provider that takes the contract's own message: `POST <url>/messages` in JSON, bearer token. */
export function createSmsProvider(options: { url: string; token: string; timeoutMs: number }): SmsProvider {
  const url = `${options.url.replace(/\/$/, '')}/messages`;
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${options.token}` };
  return {
    async send(message, signal) {
      const text = await postSms({ url, headers, body: JSON.stringify(message), timeoutMs: options.timeoutMs }, signal);
      const accepted = SmsAccepted.safeParse(parseJson(text));
      if (!accepted.success) {
        throw new SmsError('The SMS provider answered something else than "accepted".', false);
      }
      return { id: accepted.data.id };
    },
  };
}
