import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type Dispatcher, request as ask } from 'undici';

/** Never sent on: hop by hop, who the browser says it is, where it comes from, and what Grafana keeps for itself. */
const droppedFromRequest = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'host',
  'cookie',
  'origin',
  'referer',
  'authorization',
  'x-ds-authorization',
  'x-host-secret',
]);
const droppedFromAnswer = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'set-cookie',
  'content-security-policy',
]);

export interface Forwarding {
  url: URL;
  /** Added last, lower case: they win over the browser's. */
  headers: Record<string, string>;
  dispatcher: Dispatcher;
  headersTimeoutMs: number;
}

/** Headers of the browser's request that may go on. Every `x-grafana-*` is Grafana's own word and is dropped. */
export function requestHeaders(incoming: IncomingMessage['headers']): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(incoming)) {
    if (
      value !== undefined &&
      !droppedFromRequest.has(name) &&
      !name.startsWith('x-grafana-') &&
      !name.startsWith('sec-')
    ) {
      headers[name] = value;
    }
  }
  return headers;
}

/** Sends the request on and streams the answer back as it comes. Answers 502, 504 or (for an upstream's 401) 400 itself. */
export async function forward(incoming: IncomingMessage, outgoing: ServerResponse, to: Forwarding): Promise<void> {
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  let answer: Dispatcher.ResponseData;
  try {
    answer = await ask(to.url, {
      method: incoming.method as Dispatcher.HttpMethod,
      headers: { ...requestHeaders(incoming.headers), ...to.headers },
      body: incoming.method === 'GET' || incoming.method === 'HEAD' ? null : incoming,
      dispatcher: to.dispatcher,
      headersTimeout: to.headersTimeoutMs,
      bodyTimeout: 0,
      signal: gone.signal,
    });
  } catch (error) {
    return refuse(outgoing, error as NodeJS.ErrnoException, to);
  }
  if (answer.statusCode === 401) {
    await answer.body.dump();
    return sendJson(outgoing, 400, 'Authentication to data source failed');
  }
  await stream(answer, outgoing);
}

async function stream(answer: Dispatcher.ResponseData, outgoing: ServerResponse): Promise<void> {
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined && !droppedFromAnswer.has(name) && !name.startsWith('access-control-')) {
      outgoing.setHeader(name, value);
    }
  }
  outgoing.setHeader('content-security-policy', 'sandbox');
  outgoing.setHeader('x-content-type-options', 'nosniff');
  outgoing.writeHead(answer.statusCode);
  // An event stream may be silent for long: the browser learns at once that it is open.
  outgoing.flushHeaders();
  // Either side may leave in the middle; there is nobody left to tell then.
  await pipeline(answer.body, outgoing).catch(() => outgoing.destroy());
}

function refuse(outgoing: ServerResponse, error: NodeJS.ErrnoException, to: Forwarding): void {
  if (outgoing.destroyed) {
    return;
  }
  if (error.code === 'UND_ERR_HEADERS_TIMEOUT') {
    sendJson(
      outgoing,
      504,
      `${to.url.host} did not begin to answer within ${to.headersTimeoutMs / 1000} s. It may still be at work: look before you ask again.`
    );
  } else {
    sendJson(
      outgoing,
      502,
      `${to.url.host} cannot be reached (${error.code ?? error.message}). See whether that server runs.`
    );
  }
}

export function sendJson(outgoing: ServerResponse, status: number, message: string): void {
  const body = JSON.stringify({ message });
  outgoing.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'content-security-policy': 'sandbox',
  });
  outgoing.end(body);
}
