import { createHash, timingSafeEqual } from 'node:crypto';
import { SmsMessage, type SmsAccepted } from '@dfr-ops/contracts';
import fastify, { LogController, type FastifyInstance } from 'fastify';
import { addRefusal } from '../http/refusal.ts';
import { isLoopbackHost, refuseForeignHosts } from '../http/refuseForeignHosts.ts';
import { SinceQuery } from '../journal/since.ts';
import { createDelivery } from './delivery.ts';
import { openOutbox, type KeptSms } from './outbox.ts';

/**
 * `POST /messages` (contract SmsMessage, bearer token) → 202 SmsAccepted; `GET /messages?since=<ISO>` →
 * {messages: [{id, at, deliveredAt, to, from, text, reference}]}, newest last; `GET /healthz`; `PUT /refusal`.
 */
export function buildApp(config: { token: string; folder: string }, options: { log: boolean }): FastifyInstance {
  const app = fastify({
    logger: options.log,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
  });
  const outbox = openOutbox(config.folder);
  const delivery = createDelivery(outbox, (what, sms) => app.log.warn({ id: sms.id, reference: sms.reference }, what));
  refuseForeignHosts(app);
  const told = addRefusal(app);
  app.addHook('onClose', () => delivery.stop());
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/messages', async (request, reply) => {
    const query = SinceQuery.safeParse(request.query);
    if (!query.success) {
      return reply.code(400).send({ error: 'since must be an instant in ISO 8601, e.g. 2026-11-24T03:00:00.000Z' });
    }
    return { messages: outbox.since(query.data.since).map(withoutCallback) };
  });
  app.post('/messages', async (request, reply) => {
    if (!hasToken(request.headers.authorization, config.token)) {
      return reply.code(401).send({ error: 'The bearer token is missing or wrong.' });
    }
    if (told.active()) {
      return reply.code(503).send({ error: 'It takes no message for a while, as it was told to.' });
    }
    const message = SmsMessage.safeParse(request.body);
    const refusal = message.success ? refusalOfCallback(message.data.callbackUrl) : wordsOf(message.error);
    if (!message.success || refusal !== null) {
      return reply.code(400).send({ error: refusal });
    }
    const { sms, fresh } = outbox.accept(message.data);
    if (fresh) {
      delivery.deliver(sms);
      request.log.info({ id: sms.id, to: sms.to, reference: sms.reference }, 'SMS accepted');
    }
    const accepted: SmsAccepted = { id: sms.id, status: 'accepted' };
    return reply.code(202).send(accepted);
  });
  // What was accepted before a stop is delivered after it.
  app.addHook('onReady', async () => outbox.since(undefined).filter((sms) => sms.deliveredAt === null).forEach(delivery.deliver)); // prettier-ignore
  return app;
}

function withoutCallback({ callbackUrl: _, ...sms }: KeptSms): Omit<KeptSms, 'callbackUrl'> {
  return sms;
}

function wordsOf(error: { issues: Array<{ path: PropertyKey[]; message: string }> }): string {
  return error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
}

/** The sink reports to this machine only: nobody shall use it to reach others. */
function refusalOfCallback(url: string | null): string | null {
  if (url === null) {
    return null;
  }
  const parsed = URL.parse(url);
  return parsed?.protocol === 'http:' && isLoopbackHost(parsed.host)
    ? null
    : 'callbackUrl: must be an http address of this machine, e.g. http://127.0.0.1:8085/hooks/sms-delivery';
}

function hasToken(header: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}
