import { Histogram, type Registry } from 'prom-client';
import type { App } from './app.ts';

/** Measures every request by route, method and status. */
export function countRequests(app: App, registry: Registry): void {
  const duration = new Histogram({
    name: 'dfr_ops_http_request_duration_seconds',
    help: 'Time to answer a request, by route.',
    labelNames: ['route', 'method', 'status'] as const,
    buckets: [0.005, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    duration.observe({ route, method: request.method, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
}
