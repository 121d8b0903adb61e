/** A source that did not answer, or not in a usable way; `message` is a sentence for a person, `cause` the original. */
export class SourceError extends Error {}

export type Source = { name: string; url: string; user?: string | null; password?: string | null; timeoutMs: number };

export type Answer = {
  body: unknown;
  /** The source's own clock (ms), from its Date header; ours where it sends none. */ now: number;
};

/** Asks a source for JSON by GET (or POST of a form or of JSON, or DELETE), with basic authentication, a deadline and the caller's signal. */
export async function askJson(
  source: Source,
  path: string,
  options: { form?: URLSearchParams; json?: unknown; method?: 'DELETE'; signal?: AbortSignal } = {}
): Promise<Answer> {
  const deadline = AbortSignal.timeout(source.timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
  try {
    const response = await fetch(source.url.replace(/\/$/, '') + path, {
      method: options.method ?? (options.form || options.json !== undefined ? 'POST' : 'GET'),
      headers: {
        ...(source.user ? { authorization: basic(source.user, source.password ?? '') } : {}),
        ...(options.json === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: options.json === undefined ? (options.form ?? null) : JSON.stringify(options.json),
      signal,
    });
    const text = await response.text();
    if (!response.ok) {
      throw new SourceError(`${source.name} answered ${response.status}: ${firstWords(text)}`);
    }
    const date = Date.parse(response.headers.get('date') ?? '');
    return {
      body: text === '' && options.method === 'DELETE' ? null : JSON.parse(text),
      now: Number.isNaN(date) ? Date.now() : date,
    };
  } catch (error) {
    if (error instanceof SourceError) {
      throw error;
    }
    throw new SourceError(`${source.name} ${inWords(error, source.timeoutMs)}`, { cause: error });
  }
}

function inWords(error: unknown, timeoutMs: number): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return `did not answer within ${timeoutMs / 1000} s`;
  }
  if (error instanceof SyntaxError) {
    return 'answered something that is not JSON';
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return `cannot be reached (${code || (cause instanceof Error ? cause.message : String(cause))})`;
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function firstWords(text: string): string {
  return text.trim().slice(0, 200) || 'an empty answer';
}
