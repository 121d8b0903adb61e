import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  method: string;
  url: string;
  headers: http.IncomingHttpHeaders;
  body: string;
}

export interface Upstream {
  url: string;
  /** What came, oldest first. */
  seen: SeenRequest[];
  close: () => Promise<void>;
}

/** A real server on loopback that remembers what it is asked and answers as `answer` says; by default 200 and `{}`. */
export async function startUpstream(answer: http.RequestListener = answerEmpty): Promise<Upstream> {
  const seen: SeenRequest[] = [];
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const part of request) {
      body += part;
    }
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
    answer(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((closed) => {
      server.close(() => closed());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, seen, close };
}

function answerEmpty(_request: http.IncomingMessage, response: http.ServerResponse): void {
  response.setHeader('content-type', 'application/json').end('{}');
}
