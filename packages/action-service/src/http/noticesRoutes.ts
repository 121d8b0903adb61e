import { z } from 'zod';
import { Notice, NoticesAnswer, NoticesQuery } from '@dfr-ops/contracts';
import type { Deps } from '../deps.ts';
import { actingPerson } from '../identity/requestPerson.ts';
import { listNotices, resendNotice } from '../notices/deadNotices.ts';
import type { App } from './app.ts';
import { problemResponses } from './errors.ts';

const ById = z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });

/** Notices that the service sent, waits with or gave up; those given up can be sent again. */
export async function noticesRoutes(app: App, deps: Deps): Promise<void> {
  app.get(
    '/notices',
    { schema: { querystring: NoticesQuery, response: { 200: NoticesAnswer, ...problemResponses } } },
    async ({ query }) => ({ at: deps.now().toISOString(), notices: await listNotices(deps.store, query) })
  );
  app.post(
    '/notices/:id/resend',
    { schema: { params: ById, response: { 200: Notice, ...problemResponses } } },
    async (request) => {
      const notice = await resendNotice(deps.store, request.params.id, actingPerson(request));
      deps.incidents.wakeNotices();
      return notice;
    }
  );
}
