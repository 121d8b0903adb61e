import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import { z } from 'zod';
import { AlertsAnswer } from '@dfr-ops/contracts';
import type { Deps } from '../deps.ts';
import { MatcherError, parseMatcher, type Matcher } from '../alerts/matchers.ts';
import { ProblemError } from '../problem.ts';
import type { App } from './app.ts';
import { problemResponses } from './errors.ts';

const compress = promisify(gzip);
const WORTH_COMPRESSING = 2048;
const MOST_KEPT = 10;

const filter = z.union([z.string(), z.array(z.string()).max(20)]).optional();

/** GET /alerts?filter=severity="critical"&filter=…: 304 while nothing has changed but the time. */
export async function alertsRoutes(app: App, deps: Deps): Promise<void> {
  const zipped = zippedOnce();
  app.get(
    '/alerts',
    {
      schema: {
        querystring: z.object({ filter }),
        response: { 200: AlertsAnswer, 304: z.null(), ...problemResponses },
      },
    },
    async (request, reply) => {
      const tagged = await deps.incidents.alerts(matchersOf(request.query.filter));
      if (!tagged) {
        throw notLookedYet();
      }
      reply.header('etag', tagged.etag).header('cache-control', 'no-cache').header('vary', 'accept-encoding');
      if (request.headers['if-none-match']?.replace(/^W\//, '') === tagged.etag) {
        return reply.code(304).send(null);
      }
      const body = JSON.stringify(tagged.answer);
      // A serializer of one's own: the answer is checked where it is made, and a storm's is large.
      reply.type('application/json; charset=utf-8').serializer((payload: unknown) => payload as string);
      if (body.length < WORTH_COMPRESSING || !/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) {
        return reply.send(body as never);
      }
      return reply.header('content-encoding', 'gzip').send((await zipped(tagged.etag, body)) as never);
    }
  );
}

/** The same answer goes to every panel that asks: it is compressed once for all of them. */
function zippedOnce(): (etag: string, body: string) => Promise<Buffer> {
  const kept = new Map<string, { body: string; bytes: Promise<Buffer> }>();
  return (etag, body) => {
    const found = kept.get(etag);
    if (found?.body === body) {
      return found.bytes;
    }
    const bytes = compress(body, { level: 1 });
    kept.delete(etag);
    kept.set(etag, { body, bytes });
    if (kept.size > MOST_KEPT) {
      kept.delete(kept.keys().next().value!);
    }
    return bytes;
  };
}

function matchersOf(given: string | string[] | undefined): Matcher[] {
  try {
    return (Array.isArray(given) ? given : given ? [given] : []).map(parseMatcher);
  } catch (error) {
    if (!(error instanceof MatcherError)) {
      throw error;
    }
    throw new ProblemError(400, {
      code: 'filter_wrong',
      what: 'The alerts were not answered.',
      why: error.message,
      todo: 'Correct the filter and ask again.',
    });
  }
}

function notLookedYet(): ProblemError {
  return new ProblemError(503, {
    code: 'not_looked_yet',
    what: 'The alerts are not known yet.',
    why: 'The service has just started and is asking Prometheus and Alertmanager for the first time.',
    todo: 'Ask again in a few seconds.',
  });
}
