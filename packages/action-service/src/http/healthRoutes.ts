import { z } from 'zod';
import { ServiceHealth, SourceHealth } from '@dfr-ops/contracts';
import type { Deps } from '../deps.ts';
import { ProblemError } from '../problem.ts';
import { version } from '../version.ts';
import type { App } from './app.ts';
import { problemResponses } from './errors.ts';

const Ready = z.object({ ok: z.literal(true), store: SourceHealth });
const metricsType = 'text/plain; version=0.0.4; charset=utf-8';
const MetricsText = { content: { 'text/plain': { schema: z.string() } } };

/** What the machinery around the process asks, without a person: GET /healthz, /readyz and /metrics. */
export async function processRoutes(app: App, deps: Deps): Promise<void> {
  app.get('/healthz', { schema: { response: { 200: z.object({ ok: z.boolean() }) } } }, async () => ({ ok: true }));
  // Ready without the store too: webhooks that nobody passes on to it would tell nobody.
  app.get('/readyz', { schema: { response: { 200: Ready, ...problemResponses } } }, async () => {
    if (!deps.incidents.sources().some(({ kind }) => kind === 'prometheus')) {
      throw notReady();
    }
    return { ok: true as const, store: deps.storeHealth() };
  });
  app.get('/metrics', { schema: { response: { 200: MetricsText } } }, async (_request, reply) => {
    // Prometheus 3 marks a target down whose Content-Type it does not know.
    return reply.type(metricsType).send(await deps.metrics.metrics());
  });
}

/** What the service acts on: it is there to mend these, so their faults are not its own. */
function isTarget(kind: SourceHealth['kind']): boolean {
  return kind === 'postgresql' || kind === 'docker' || kind === 'agent' || kind === 'odoo';
}

/** GET /health: everything that the service leans on, for the datasource's health check and the pages. */
export async function healthRoutes(app: App, deps: Deps): Promise<void> {
  app.get('/health', { schema: { response: { 200: ServiceHealth, ...problemResponses } } }, async () => {
    const sources = [deps.storeHealth(), deps.policy.health(), ...deps.actions.sources(), ...deps.incidents.sources()];
    return {
      at: deps.now().toISOString(),
      version,
      ok: sources.every((source) => source.ok || isTarget(source.kind)),
      sources,
      frozen: deps.policy.frozen(),
      watchdogAt: deps.incidents.watchdogAt()?.toISOString() ?? null,
      demonstration: deps.config.demonstration,
    };
  });
}

function notReady(): ProblemError {
  return new ProblemError(503, {
    code: 'not_ready',
    what: 'The service is not ready.',
    why: 'It has just started and has not yet asked Prometheus and Alertmanager for the alerts.',
    todo: 'Ask again in a few seconds.',
  });
}
