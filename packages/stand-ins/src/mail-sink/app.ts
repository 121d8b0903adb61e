import fastify, { LogController, type FastifyInstance } from 'fastify';
import { addRefusal, type Refusal } from '../http/refusal.ts';
import { refuseForeignHosts } from '../http/refuseForeignHosts.ts';
import { SinceQuery } from '../journal/since.ts';
import type { Mailbox } from './mailbox.ts';

/** `GET /messages?since=<ISO>` → {messages: Mail[]}, newest last; `GET /healthz`; `PUT /refusal`. */
export function buildApp(mailbox: Mailbox, options: { log: boolean }): { app: FastifyInstance; refusal: Refusal } {
  const app = fastify({
    logger: options.log,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
  });
  refuseForeignHosts(app);
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/messages', async (request, reply) => {
    const query = SinceQuery.safeParse(request.query);
    if (!query.success) {
      return reply.code(400).send({ error: 'since must be an instant in ISO 8601, e.g. 2026-11-24T03:00:00.000Z' });
    }
    return { messages: mailbox.since(query.data.since) };
  });
  return { app, refusal: addRefusal(app) };
}
