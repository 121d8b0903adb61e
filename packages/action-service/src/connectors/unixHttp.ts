import { Agent, request } from 'undici';
import { UnreachableError } from './unreachable.ts';

export interface UnixHttp {
  /** Answers status and body, whatever the status. Throws UnreachableError when there is no answer in time. */
  ask(method: 'GET' | 'POST', path: string, options?: { body?: unknown; timeoutMs?: number }): Promise<Answer>;
  close(): Promise<void>;
}

interface Answer {
  status: number;
  /** Parsed when it was JSON, else the text. */
  body: unknown;
}

/** HTTP over a unix socket. `name` stands in the messages for people, e.g. "The Docker engine". */
export function unixHttp(socketPath: string, name: string): UnixHttp {
  const dispatcher = new Agent({ connect: { socketPath, timeout: 3000 }, connections: 8 });
  return {
    async ask(method, path, { body, timeoutMs = 10_000 } = {}) {
      try {
        const answer = await request(`http://localhost${path}`, {
          dispatcher,
          method,
          ...(body === undefined
            ? {}
            : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
          headersTimeout: timeoutMs,
          bodyTimeout: timeoutMs,
        });
        return { status: answer.statusCode, body: parse(await answer.body.text()) };
      } catch (error) {
        throw new UnreachableError(`${name} does not answer at ${socketPath}: ${reasonOf(error)}`, { cause: error });
      }
    },
    close: () => dispatcher.destroy(),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function reasonOf(error: unknown): string {
  const code = (error as { code?: string }).code;
  const known: Record<string, string> = {
    ENOENT: 'there is no such socket',
    ECONNREFUSED: 'nobody listens there',
    EACCES: 'this user may not open it',
    UND_ERR_HEADERS_TIMEOUT: 'no answer came in time',
  };
  return known[code ?? ''] ?? (error as Error).message;
}
