import { z } from 'zod';
import { ConsoleEvent } from '@dfr-ops/contracts';
import { takeConsoleEvent } from '../audit/takeConsoleEvent.ts';
import type { Deps } from '../deps.ts';
import { demandSecret } from '../identity/authenticate.ts';
import type { App } from './app.ts';
import { problemResponses } from './errors.ts';

const Done = z.object({ ok: z.literal(true) });

/** POST /hooks/console: what happened at the break-glass console's door, with the route's secret. */
export async function consoleRoutes(app: App, { config, store }: Deps): Promise<void> {
  app.post(
    '/hooks/console',
    {
      // Before the body is read: who may not speak is not listened to.
      onRequest: async (request) => demandSecret(request, config.secret),
      schema: { body: ConsoleEvent, response: { 200: Done, ...problemResponses } },
    },
    async ({ body }) => {
      const consoleUrl = config.breakGlass?.issuer ?? null;
      await takeConsoleEvent(store, body, { smsTo: config.sms?.to ?? [], mailTo: config.mail?.to ?? [], consoleUrl });
      return { ok: true as const };
    }
  );
}
