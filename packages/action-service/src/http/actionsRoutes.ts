import { z } from 'zod';
import { ActionsAnswer, Preview, PreviewRequest } from '@dfr-ops/contracts';
import type { Deps } from '../deps.ts';
import { actingPerson } from '../identity/requestPerson.ts';
import type { App } from './app.ts';
import { problemResponses } from './errors.ts';
import { freezeRoutes } from './freezeRoutes.ts';

/** GET /actions: what this person may do, for an alert or for none. POST /actions/:id/preview: what it would do. */
export async function actionsRoutes(app: App, deps: Deps): Promise<void> {
  const { actions } = deps;
  app.get(
    '/actions',
    {
      schema: {
        querystring: z.object({ fingerprint: z.string().min(1).max(200).optional() }),
        response: { 200: ActionsAnswer, ...problemResponses },
      },
    },
    async ({ person, query }) => actions.offer(person, query.fingerprint ?? null)
  );
  app.post(
    '/actions/:id/preview',
    {
      schema: {
        params: z.object({ id: z.string().max(200) }),
        body: PreviewRequest,
        response: { 200: Preview, ...problemResponses },
      },
    },
    async (request) => actions.preview(actingPerson(request), request.params.id, request.body)
  );
  await freezeRoutes(app, deps);
}
