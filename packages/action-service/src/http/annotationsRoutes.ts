import { z } from 'zod';
import { AnnotationsAnswer, type Annotation, type Run } from '@dfr-ops/contracts';
import type { Deps } from '../deps.ts';
import type { IncidentRow } from '../incidents/incidentRow.ts';
import { incidentsBetween } from '../incidents/readIncidents.ts';
import { runsBetween } from '../runs/readRuns.ts';
import type { App } from './app.ts';
import { problemResponses } from './errors.ts';

const instant = z.coerce.number().int().min(0).max(8.64e15);
const Query = z.object({ from: instant, to: instant });

/** GET /annotations?from=<ms>&to=<ms>: runs and incidents of that time, to be drawn over graphs. */
export async function annotationsRoutes(app: App, deps: Deps): Promise<void> {
  app.get(
    '/annotations',
    { schema: { querystring: Query, response: { 200: AnnotationsAnswer, ...problemResponses } } },
    async ({ query }) => {
      const [from, to] = [new Date(query.from), new Date(query.to)];
      const [runs, incidents] = await Promise.all([
        runsBetween(deps.store, from, to),
        incidentsBetween(deps.store, from, to),
      ]);
      return { annotations: [...incidents.map(ofIncident), ...runs.map(ofRun)].sort((a, b) => a.time - b.time) };
    }
  );
}

function ofIncident(row: IncidentRow): Annotation {
  return {
    time: row.firing_at!.getTime(),
    timeEnd: (row.normal_at ?? row.resolved_at)?.getTime() ?? null,
    title: row.alert_name,
    text: row.annotations.summary ?? `Incident ${row.id}`,
    tags: ['incident', row.labels.severity ?? 'none', row.labels.service ?? 'unknown'],
    incidentId: row.id,
    runId: null,
  };
}

function ofRun(run: Run): Annotation {
  return {
    time: Date.parse(run.startedAt ?? run.createdAt),
    timeEnd: run.finishedAt === null ? null : Date.parse(run.finishedAt),
    title: run.title,
    text: `${run.requestedBy}: ${run.reason}${run.outcome ? ` (${run.outcome})` : ''}`,
    tags: ['action', run.state, run.target.kind],
    incidentId: run.incidentId,
    runId: run.id,
  };
}
