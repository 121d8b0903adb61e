import { SmsAccepted, type SmsMessage } from '@dfr-ops/contracts';

/** A message that the provider did not take. `permanent`: sending it again would change nothing. */
export class SmsError extends Error {
  permanent: boolean;
  constructor(message: string, permanent: boolean, options?: ErrorOptions) {
    super(message, options);
    this.permanent = permanent;
  }
}

/** The generic HTTP provider: `POST <url>/messages`. Answers its id of the message; accepted is not delivered. */
export type SmsProvider = { send: (message: SmsMessage, signal?: AbortSignal) => Promise<{ id: string }> };

export function createSmsProvider(options: { url: string; token: string; timeoutMs: number }): SmsProvider {
  return {
    async send(message, signal) {
      const response = await post(options, message, signal);
      const text = await response.text();
      if (!response.ok) {
        const again = response.status >= 500 || response.status === 408 || response.status === 429;
        throw new SmsError(`The SMS provider answered ${response.status}: ${text.trim().slice(0, 200)}`, !again);
      }
      const accepted = SmsAccepted.safeParse(parse(text));
      if (!accepted.success) {
        throw new SmsError('The SMS provider answered something else than "accepted".', false);
      }
      return { id: accepted.data.id };
    },
  };
}

async function post(
  options: { url: string; token: string; timeoutMs: number },
  message: SmsMessage,
  signal?: AbortSignal
): Promise<Response> {
  const deadline = AbortSignal.timeout(options.timeoutMs);
  try {
    return await fetch(`${options.url.replace(/\/$/, '')}/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${options.token}` },
      body: JSON.stringify(message),
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new SmsError(`The SMS provider cannot be reached (${cause}).`, false, { cause: error });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
