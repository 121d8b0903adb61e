import { z } from 'zod';
import { ServiceHealth, type SourceHealth } from '@dfr-ops/contracts';
import type { Deps } from '../deps.ts';
import { version } from '../version.ts';
import type { App } from './app.ts';
import { problemResponses } from './errors.ts';

/** What the machinery around the process asks, without a person: GET /healthz and GET /metrics. */
export async function processRoutes(app: App, deps: Deps): Promise<void> {
  app.get('/healthz', { schema: { response: { 200: z.object({ ok: z.boolean() }) } } }, async () => ({ ok: true }));
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    // Prometheus 3 marks a target down whose Content-Type it does not know.
    reply.type('text/plain; version=0.0.4; charset=utf-8');
    return deps.metrics.metrics();
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
