import { createHash, timingSafeEqual } from 'node:crypto';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { AlertmanagerWebhook, AlertmanagerWebhookQuery, SmsDelivery } from '@dfr-ops/contracts';
import type { Deps } from '../deps.ts';
import type { FlushRoute } from '../incidents/takeFlush.ts';
import { ProblemError } from '../problem.ts';
import type { App } from './app.ts';
import { problemResponses } from './errors.ts';

const Done = z.object({ ok: z.literal(true) });
/** 5,000 alerts of a storm are some 5 MB. */
const WEBHOOK_LIMIT = 16 * 1024 * 1024;

const Form = z.record(z.string(), z.string().max(4000));
const STATUS_LIMIT = 16 * 1024;

/** What other programs post to us, each with its own token: Alertmanager's flushes, the SMS provider's receipts. */
export async function hooksRoutes(app: App, deps: Deps): Promise<void> {
  app.post(
    '/hooks/alertmanager',
    {
      bodyLimit: WEBHOOK_LIMIT,
      // Before the body is read: who may not speak is not listened to.
      onRequest: async (request) =>
        demand(request.headers.authorization?.replace(/^Bearer /i, ''), deps.config.webhookToken),
      schema: {
        querystring: AlertmanagerWebhookQuery,
        body: AlertmanagerWebhook,
        response: { 200: Done, ...problemResponses },
      },
    },
    async ({ body, query }) => {
      await deps.incidents.takeFlush(body, routeOf(query));
      return { ok: true as const };
    }
  );
  app.post(
    '/hooks/sms-delivery',
    {
      onRequest: async (request) => demand((request.query as { token?: unknown }).token, deps.incidents.receiptToken),
      schema: {
        querystring: z.object({ token: z.string() }),
        body: SmsDelivery.extend({ at: z.iso.datetime({ offset: true }) }),
        response: { 200: Done, ...problemResponses },
      },
    },
    async ({ body }) => {
      await deps.incidents.takeReceipt(body);
      return { ok: true as const };
    }
  );
  await app.register(async (scope) => twilioRoute(scope.withTypeProvider<ZodTypeProvider>(), deps));
}

/** Status callbacks of a provider of Twilio's kind: form-encoded, and signed instead of bearing a token. */
async function twilioRoute(app: App, deps: Deps): Promise<void> {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: STATUS_LIMIT },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body as string)))
  );
  app.post(
    '/hooks/sms-status',
    {
      schema: {
        consumes: ['application/x-www-form-urlencoded'],
        querystring: z.object({ reference: z.string().max(300) }),
        body: Form,
        response: { 200: Done, ...problemResponses },
      },
    },
    async ({ body, query, raw, headers }) => {
      const signature = headers['x-twilio-signature'];
      const given = typeof signature === 'string' ? signature : undefined;
      if (!(await deps.incidents.takeTwilioStatus(raw.url ?? '', query.reference, body, given))) {
        throw new ProblemError(401, {
          code: 'signature_refused',
          what: 'The status was refused.',
          why: 'Its signature (X-Twilio-Signature) is missing or wrong for this address, or SMS do not go out by such a provider.',
          todo: 'See that DFR_OPS_SELF_URL is the address that the provider calls, and that SMS_PROVIDER_TOKEN_FILE holds its token.',
        });
      }
      return { ok: true as const };
    }
  );
}

function routeOf({ email, sms, resolved, to }: AlertmanagerWebhookQuery): FlushRoute {
  return {
    email: email === '1',
    sms: sms === '1',
    resolved: resolved === undefined ? null : new Set(resolved.split(',')),
    to: to?.split(',') ?? null,
  };
}

function demand(given: unknown, token: string): void {
  // Digests have one length, so the comparison tells nothing of the token's.
  const digest = (text: string) => createHash('sha256').update(text).digest();
  if (typeof given === 'string' && timingSafeEqual(digest(given), digest(token))) {
    return;
  }
  throw new ProblemError(401, {
    code: 'token_refused',
    what: 'The message was refused.',
    why: 'Its token is missing or wrong.',
    todo: 'Give the sender the token of DFR_OPS_WEBHOOK_TOKEN_FILE.',
  });
}
