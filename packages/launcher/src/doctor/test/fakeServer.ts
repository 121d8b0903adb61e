import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Server } from '../ask.ts';
import type { Installation } from '../installation.ts';

/** What a path (without its query) answers: a body, or status and body; the request's body is handed over. Others answer 404. */
export type Answers = Record<string, (request: { body: string; query: URLSearchParams }) => unknown>;
export class Status {
  readonly status: number;
  readonly body: unknown;
  constructor(status: number, body: unknown = {}) {
    this.status = status;
    this.body = body;
  }
}

/** A real HTTP server on loopback. `answers` may be changed while it runs. */
export async function startFakeServer(answers: Answers = {}) {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) {
      body += part;
    }
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://fake');
    const made = answers[pathname]?.({ body, query }) ?? new Status(404, 'nothing here');
    const { status, body: sent } = made instanceof Status ? made : { status: 200, body: made };
    response.writeHead(status).end(typeof sent === 'string' ? sent : JSON.stringify(sent));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const as = (name: string): Server => ({ name, url, headers: {} });
  return { answers, url, as, stop: () => new Promise((done) => server.close(done)) };
}

/** An installation all of whose servers are this one. */
export function installationAt(server: { as: (name: string) => Server; url: string }, config: string): Installation {
  const service = server.as('The action service');
  return {
    kind: 'values',
    title: 'a test',
    config,
    prometheus: server.as('Prometheus'),
    alertmanagers: [server.as('Alertmanager')],
    logs: server.as('Loki'),
    startedAt: null,
    hasRuler: true,
    service: { read: service, act: service },
    parts: async () => [],
    data: config,
    mailSink: null,
    smsSink: null,
    logOf: (part) => `log of ${part}`,
    reload: 'reload',
    login: async () => ({ url: server.url, how: 'sign in' }),
  };
}
