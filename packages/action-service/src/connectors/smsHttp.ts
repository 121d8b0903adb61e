import { SmsError } from './smsError.ts';

export type SmsRequest = {
  url: string;
  method?: string;
  headers: Record<string, string>;
  /** Null: none, as for GET. */
  body: string | null;
  timeoutMs: number;
};

/** The message itself is wrong: number, text or address. What a person can mend meanwhile (token, credit, limits) is tried again. */
const REFUSED: ReadonlySet<number> = new Set([400, 404, 405, 410, 413, 415, 422]);
const LONGEST_WAIT_SECONDS = 3600;

/** Sends one request to a provider and answers its text. Throws SmsError; `why` reads the provider's own reason out of its answer. */
export async function postSms(
  request: SmsRequest,
  signal?: AbortSignal,
  why: (text: string) => string = (text) => text
): Promise<string> {
  const response = await ask(request, signal);
  const text = await response.text().catch(() => '');
  if (!response.ok) {
    throw new SmsError(
      `The SMS provider answered ${response.status}: ${why(text).trim().slice(0, 200)}`,
      REFUSED.has(response.status),
      { retryAfterSeconds: retryAfter(response.headers.get('retry-after')) }
    );
  }
  return text;
}

async function ask({ url, method, headers, body, timeoutMs }: SmsRequest, signal?: AbortSignal): Promise<Response> {
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    return await fetch(url, {
      method: method ?? 'POST',
      headers,
      body,
      // A provider that sends us elsewhere would get number and secret sent there.
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    });
  } catch (error) {
    const late = error instanceof DOMException && error.name === 'TimeoutError';
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    const what = late ? `did not answer within ${timeoutMs / 1000} s` : `cannot be reached (${cause})`;
    throw new SmsError(`The SMS provider ${what}.`, false, { cause: error });
  }
}

/** `Retry-After` in seconds or as a date; an hour at most. */
export function retryAfter(header: string | null, now = Date.now()): number | null {
  if (!header) {
    return null;
  }
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - now) / 1000;
  return Number.isFinite(seconds) ? Math.min(LONGEST_WAIT_SECONDS, Math.max(0, Math.ceil(seconds))) : null;
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
