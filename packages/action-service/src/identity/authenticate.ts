import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Deps } from '../deps.ts';
import type { App } from '../http/app.ts';
import { ProblemError } from '../problem.ts';
import './requestPerson.ts';

/** Lets a request through to the routes of `app` only with the route's secret and a person's verified identity. */
export function authenticate(app: App, deps: Deps): void {
  app.addHook('onRequest', async (request) => {
    demandSecret(request, deps.config.secret);
    const token = request.headers['x-grafana-id'];
    request.person = await deps.identity.verify(typeof token === 'string' ? token : undefined);
  });
}

/** Throws 403 unless the request brings the route's secret. */
export function demandSecret(request: FastifyRequest, secret: string): void {
  const given = request.headers['x-dfr-ops-secret'];
  if (typeof given === 'string' && timingSafeEqual(digest(given), digest(secret))) {
    return;
  }
  throw new ProblemError(403, {
    code: 'secret_refused',
    what: 'The request was refused: it did not come through the datasource.',
    why: 'The header X-Dfr-Ops-Secret is missing or not the one that this service was given.',
    todo: 'Ask through Grafana; if you did, set the secret in the DFR Ops datasource anew.',
  });
}

// Digests have one length, so the comparison tells nothing of the secret's.
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
