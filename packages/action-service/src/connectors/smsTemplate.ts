import type { SmsMessage } from '@dfr-ops/contracts';
import { parseJson, postSms } from './smsHttp.ts';
import type { SmsProvider } from './smsProvider.ts';

/** A request as a provider of any kind wants it; `{to}` and its like stand for the message's parts. */
export type SmsTemplate = {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | null;
  /** Values of `{secret.name}`. */
  secrets: Record<string, string>;
  /** Where the answer (JSON) names the message, e.g. `messages.0.id`; null: our own reference stands for it. */
  id: string | null;
};

/** `{number}` is `{to}` without its plus. */
const NAMES = ['to', 'number', 'from', 'text', 'reference', 'callbackUrl'] as const;
const PLACEHOLDER = /\{([a-zA-Z]+(?:\.\w+)?)\}/g;

type Encode = (value: string) => string;

/** Names in the template that stand for nothing, e.g. a misspelt one or a secret that is not given. */
export function unknownPlaceholders({ url, headers, body, secrets }: SmsTemplate): string[] {
  const known = new Set<string>([...NAMES, ...Object.keys(secrets).map((name) => `secret.${name}`)]);
  const texts = [url, ...Object.values(headers), body ?? ''];
  return texts
    .flatMap((text) => [...text.matchAll(PLACEHOLDER)].map(([, name]) => name!))
    .filter((name) => !known.has(name));
}

/** Sends by any HTTP API that one request describes. What is put in is encoded for its place, so that no text breaks out of it. */
export function createTemplateSms(template: SmsTemplate, timeoutMs: number): SmsProvider {
  const type = Object.entries(template.headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  return {
    async send(message, signal) {
      const fill = filler(message, template.secrets);
      const headers = Object.entries(template.headers).map(([name, value]) => [name, fill(value, inHeader)]);
      const request = {
        url: fill(template.url, encodeURIComponent),
        method: template.method,
        headers: Object.fromEntries(headers) as Record<string, string>,
        body: template.body === null ? null : fill(template.body, encodingOf(type)),
        timeoutMs,
      };
      return { id: idIn(await postSms(request, signal), template.id) ?? message.reference };
    },
  };
}

function filler(message: SmsMessage, secrets: Record<string, string>) {
  const { to, from, text, reference, callbackUrl } = message;
  const values: Record<string, string> = { to, number: to.replace('+', ''), from, text, reference, callbackUrl: callbackUrl ?? '' }; // prettier-ignore
  for (const [name, secret] of Object.entries(secrets)) {
    values[`secret.${name}`] = secret;
  }
  return (template: string, encode: Encode) =>
    template.replace(PLACEHOLDER, (whole, name: string) => (name in values ? encode(values[name]!) : whole));
}

function encodingOf(contentType: string): Encode {
  if (/json/i.test(contentType)) {
    return (value) => JSON.stringify(value).slice(1, -1);
  }
  if (/x-www-form-urlencoded/i.test(contentType)) {
    return encodeURIComponent;
  }
  if (/xml/i.test(contentType)) {
    return (value) => value.replace(/[<>&"']/g, (char) => `&#${char.charCodeAt(0)};`);
  }
  return (value) => value;
}

function inHeader(value: string): string {
  return value.replace(/[\r\n]+/g, ' ');
}

function idIn(text: string, path: string | null): string | null {
  let value = path === null ? null : parseJson(text);
  for (const step of path?.split('.') ?? []) {
    value = value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[step] : null;
  }
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}
