import { NotChecked } from './check.ts';

/** A server and how to be let in. `url` has no slash at its end. */
export interface Server {
  name: string;
  url: string;
  headers: Record<string, string>;
  /** Why we have no password for it; then a refusal is no fault of the server's. */
  withoutPassword?: string | undefined;
}

export interface Asked {
  body: unknown;
  text: string;
  /** The server's clock minus ours, in seconds (its Date header counts whole seconds); null: it sent none. */
  skewSeconds: number | null;
}

const timeoutMs = 4500;

/** GET, or POST of `json`. Throws an Error whose message is a sentence without its full stop. */
export async function ask(server: Server, path: string, json?: unknown): Promise<Asked> {
  const before = Date.now();
  const answer = await fetch(`${server.url}${path}`, {
    method: json === undefined ? 'GET' : 'POST',
    headers: { ...server.headers, ...(json === undefined ? {} : { 'content-type': 'application/json' }) },
    body: json === undefined ? null : JSON.stringify(json),
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: unknown) => {
    throw new Error(`${server.name} at ${new URL(server.url).host} ${whyUnreached(error)}`, { cause: error });
  });
  const text = await answer.text();
  if (answer.status === 401 && server.withoutPassword) {
    throw new NotChecked(server.withoutPassword, 'Run the doctor as who may read it, or give --secrets DIR.');
  }
  if (!answer.ok) {
    throw new Error(`${server.name} answered ${answer.status} (${wordsOf(text)})`);
  }
  return { body: parsed(text), text, skewSeconds: skewOf(answer.headers.get('date'), before) };
}

/** The Date header names the second that had begun, somewhere between our asking and its answer. */
function skewOf(date: string | null, before: number): number | null {
  const at = Date.parse(date ?? '');
  if (Number.isNaN(at)) {
    return null;
  }
  return secondsOutside(at, at + 1000, before);
}

/** By how many seconds a time between `from` and `to` lies outside of the time from `before` until now, in which it was read. */
export function secondsOutside(from: number, to: number, before: number): number {
  const after = Date.now();
  return to < before ? (to - before) / 1000 : from > after ? (from - after) / 1000 : 0;
}

function whyUnreached(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return `did not answer within ${timeoutMs / 1000} s`;
  }
  const { cause } = error as { cause?: { code?: string; message?: string } };
  return `cannot be reached (${cause?.code ?? cause?.message ?? (error as Error).message})`;
}

function wordsOf(text: string): string {
  const body = parsed(text) as { what?: string; why?: string; message?: string } | null;
  const words = body?.what ? `${body.what} ${body.why ?? ''}` : (body?.message ?? text);
  return words.replace(/\s+/g, ' ').trim().slice(0, 200) || 'without words';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
