import { z } from 'zod';
import {
  AcknowledgeRequest,
  CommentRequest,
  Incident,
  IncidentDetail,
  IncidentsAnswer,
  LabelFilter,
  ResponseTimes,
  TimelineEvent,
} from '@dfr-ops/contracts';
import type { Deps } from '../deps.ts';
import { actingPerson } from '../identity/requestPerson.ts';
import { acknowledge, renewOwn, unacknowledge } from '../incidents/acknowledge.ts';
import { comment } from '../incidents/comment.ts';
import { incidentOfRow } from '../incidents/incidentRow.ts';
import { momentsOf } from '../incidents/moments.ts';
import { incidentById, listIncidents } from '../incidents/readIncidents.ts';
import { responseTimes } from '../incidents/responseTimes.ts';
import { notFound } from '../problem.ts';
import { runsOfIncident } from '../runs/readRuns.ts';
import type { App } from './app.ts';
import { problemResponses } from './errors.ts';

const Query = LabelFilter.extend({
  state: z.enum(['open', 'resolved', 'all']).default('all'),
  fingerprint: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
const Days = LabelFilter.extend({ days: z.coerce.number().int().min(1).max(365).default(30) });
const ById = z.object({ id: z.string() });

/** Incidents: the list, one with its timeline and runs, and the record that somebody works on it. */
export async function incidentsRoutes(app: App, deps: Deps): Promise<void> {
  app.get(
    '/incidents',
    { schema: { querystring: Query, response: { 200: IncidentsAnswer, ...problemResponses } } },
    async ({ query }) => ({
      at: deps.now().toISOString(),
      incidents: (await listIncidents(deps.store, query)).map((row) => incidentOfRow(row, deps.now())),
    })
  );

  app.get(
    '/incidents/:id',
    { schema: { params: ById, response: { 200: IncidentDetail, ...problemResponses } } },
    async ({ params: { id } }) => {
      const row = await incidentById(deps.store, id);
      if (!row) {
        throw notFound('incident', id, 'Look for it in the list of incidents.');
      }
      const [timeline, runs] = await Promise.all([momentsOf(deps.store, id), runsOfIncident(deps.store, id)]);
      return { ...incidentOfRow(row, deps.now()), timeline, runs };
    }
  );

  app.post(
    '/incidents/:id/acknowledge',
    { schema: { params: ById, body: AcknowledgeRequest, response: { 200: Incident, ...problemResponses } } },
    async (request) =>
      incidentOfRow(await acknowledge(deps.store, request.params.id, actingPerson(request), request.body))
  );

  app.post(
    '/incidents/:id/unacknowledge',
    { schema: { params: ById, response: { 200: Incident, ...problemResponses } } },
    async (request) => incidentOfRow(await unacknowledge(deps.store, request.params.id, actingPerson(request)))
  );

  app.post(
    '/incidents/:id/renew',
    { schema: { params: ById, response: { 200: Incident, ...problemResponses } } },
    async (request) => incidentOfRow(await renewOwn(deps.store, request.params.id, actingPerson(request)))
  );

  app.post(
    '/incidents/:id/comments',
    { schema: { params: ById, body: CommentRequest, response: { 200: TimelineEvent, ...problemResponses } } },
    async (request) => comment(deps.store, request.params.id, actingPerson(request), request.body)
  );

  app.get(
    '/response-times',
    { schema: { querystring: Days, response: { 200: ResponseTimes, ...problemResponses } } },
    async ({ query }) => ({
      at: deps.now().toISOString(),
      days: query.days,
      severities: await responseTimes(deps.store, query),
    })
  );
}
