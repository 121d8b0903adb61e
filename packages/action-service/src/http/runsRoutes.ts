import { z } from 'zod';
import { LabelFilter, RollbackOffer, Run, RunRequest, RunsAnswer } from '@dfr-ops/contracts';
import type { Deps } from '../deps.ts';
import { actingPerson } from '../identity/requestPerson.ts';
import { notFound } from '../problem.ts';
import { findRun, newestRuns } from '../runs/readRuns.ts';
import type { App } from './app.ts';
import { problemResponses } from './errors.ts';
import { runEventsRoutes } from './runEventsRoutes.ts';

const RunId = z.object({ id: z.string().max(200) });

/**
 * Runs: accepted by POST /runs, looked at, followed, and taken back, approved, rejected or let run without a second person while
 * they have not begun. Some can be cancelled while they act.
 */
export async function runsRoutes(app: App, deps: Deps): Promise<void> {
  const { actions, store, now } = deps;
  app.post(
    '/runs',
    { schema: { body: RunRequest, response: { 202: Run, ...problemResponses } } },
    async (request, reply) => reply.code(202).send(await actions.accept(actingPerson(request), request.body))
  );
  app.get(
    '/runs',
    {
      schema: {
        querystring: LabelFilter.extend({
          limit: z.coerce.number().int().min(1).max(200).default(50),
          actionId: z.string().max(200).optional(),
          incidentId: z.string().max(200).optional(),
          fingerprint: z.string().max(200).optional(),
        }),
        response: { 200: RunsAnswer, ...problemResponses },
      },
    },
    async ({ query }) => ({ at: now().toISOString(), runs: await newestRuns(store, query) })
  );
  app.get(
    '/runs/:id',
    { schema: { params: RunId, response: { 200: Run, ...problemResponses } } },
    async ({ params }) => {
      const run = await findRun(store, params.id);
      if (!run) {
        throw notFound('run', params.id, 'Look for it in the list of runs.');
      }
      return run;
    }
  );
  app.get(
    '/runs/:id/rollback',
    { schema: { params: RunId, response: { 200: RollbackOffer, ...problemResponses } } },
    async ({ params }) => actions.offerRollback(params.id)
  );
  for (const decision of ['cancel', 'approve', 'reject', 'override'] as const) {
    app.post(
      `/runs/:id/${decision}`,
      { schema: { params: RunId, response: { 200: Run, ...problemResponses } } },
      async (request) => actions.decide(actingPerson(request), request.params.id, decision)
    );
  }
  await runEventsRoutes(app, deps);
}
