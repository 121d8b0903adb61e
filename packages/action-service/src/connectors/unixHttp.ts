import { Agent, request } from 'undici';
import { UnreachableError } from './unreachable.ts';

/** HTTP to one program, by a way that nobody else can take. */
export interface UnixHttp {
  /** Answers status and body, whatever the status. Throws UnreachableError when there is no answer in time. */
  ask(method: 'GET' | 'POST', path: string, options?: { body?: unknown; timeoutMs?: number }): Promise<Answer>;
  /** GET of what is not text. */
  askBytes(path: string, timeoutMs: number): Promise<{ status: number; bytes: Buffer }>;
  close(): Promise<void>;
}

interface Answer {
  status: number;
  /** Parsed when it was JSON, else the text. */
  body: unknown;
}

/** HTTP over a unix socket. `name` stands in the messages for people, e.g. "The Docker engine". */
export function unixHttp(socketPath: string, name: string): UnixHttp {
  return httpOver(new Agent({ connect: { socketPath, timeout: 3000 }, connections: 8 }), 'http://localhost', {
    name,
    where: socketPath,
  });
}

/** PEM texts: what we show, and whom the other side's certificate must come from. */
export interface MutualTls {
  /** `https://host:port`. */
  url: string;
  cert: string;
  key: string;
  ca: string;
}

/** HTTP over TLS on which both sides show a certificate. */
export function mutualTlsHttp({ url, cert, key, ca }: MutualTls, name: string): UnixHttp {
  const connect = { cert, key, ca, timeout: 3000, rejectUnauthorized: true, minVersion: 'TLSv1.3' as const };
  return httpOver(new Agent({ connect, connections: 8 }), url, { name, where: url });
}

function httpOver(dispatcher: Agent, origin: string, { name, where }: { name: string; where: string }): UnixHttp {
  const send = async (method: 'GET' | 'POST', path: string, body: unknown, timeoutMs: number) => {
    try {
      const answer = await request(`${origin}${path}`, {
        dispatcher,
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
      });
      return { status: answer.statusCode, bytes: Buffer.from(await answer.body.arrayBuffer()) };
    } catch (error) {
      throw new UnreachableError(`${name} does not answer at ${where}: ${reasonOf(error)}`, { cause: error });
    }
  };
  return {
    async ask(method, path, { body, timeoutMs = 10_000 } = {}) {
      const { status, bytes } = await send(method, path, body, timeoutMs);
      return { status, body: parse(bytes.toString('utf8')) };
    },
    askBytes: (path, timeoutMs) => send('GET', path, undefined, timeoutMs),
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
    UND_ERR_CONNECT_TIMEOUT: 'no connection came about in time',
    UND_ERR_SOCKET: 'it ended the connection; it may not take our certificate',
    ECONNRESET: 'it ended the connection; it may not take our certificate',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not from the authority that we trust',
    SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not from the authority that we trust',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not from the authority that we trust',
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not from the authority that we trust',
    ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another address',
    CERT_HAS_EXPIRED: 'its certificate has expired',
    ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'it asks for a certificate and got none',
    ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'it does not take our certificate: that is from another authority',
  };
  return known[code ?? ''] ?? (error as Error).message;
}
