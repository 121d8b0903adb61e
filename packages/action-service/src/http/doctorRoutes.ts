import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ServiceDoctor, TestNotice, TestNoticeRequest, TestNoticesAnswer } from '@dfr-ops/contracts';
import { recordAudit } from '../audit/recordAudit.ts';
import type { Deps } from '../deps.ts';
import { demandSecret } from '../identity/authenticate.ts';
import { ProblemError } from '../problem.ts';
import type { App } from './app.ts';
import { problemResponses } from './errors.ts';

const pauseMs = 5000;

/** GET /doctor, POST /doctor/notices, GET /doctor/notices/:reference for administrators of Grafana. */
export async function doctorRoutes(app: App, deps: Deps): Promise<void> {
  app.addHook('onRequest', async (request) => demandAdmin(request));
  addRoutes(app, deps);
}

/** The same at the root of the service with the route's secret alone: `npm run doctor` has to work while Grafana is down. */
export async function secretDoctorRoutes(app: App, deps: Deps): Promise<void> {
  app.addHook('onRequest', async (request) => demandSecret(request, deps.config.secret));
  addRoutes(app, deps);
}

function addRoutes(app: App, deps: Deps): void {
  let sentAt = 0;
  app.get('/doctor', { schema: { response: { 200: ServiceDoctor, ...problemResponses } } }, () => deps.doctor.look());
  app.post(
    '/doctor/notices',
    { schema: { body: TestNoticeRequest, response: { 200: TestNoticesAnswer, ...problemResponses } } },
    async ({ body, person }) => {
      const now = deps.now().getTime();
      if (now - sentAt < pauseMs) {
        throw tooSoon();
      }
      sentAt = now;
      await auditTest(deps, person?.login ?? 'whoever has the secret', body);
      return { notices: await deps.incidents.testNotices.send(body) };
    }
  );
  app.get(
    '/doctor/notices/:reference',
    { schema: { params: z.object({ reference: z.string() }), response: { 200: TestNotice, ...problemResponses } } },
    async ({ params }) => {
      const notice = deps.incidents.testNotices.find(params.reference);
      if (!notice) {
        throw unknownNotice(params.reference);
      }
      return notice;
    }
  );
}

/** Before it is sent, so that no notice leaves without a trace; a store that is down holds no test back. */
async function auditTest({ store, log }: Deps, actor: string, data: TestNoticeRequest): Promise<void> {
  try {
    await recordAudit(store, { actor, kind: 'notice.test', subject: 'doctor', data });
  } catch (lost) {
    log.error({ err: lost, actor, data }, 'a test notice could not be audited');
  }
}

function demandAdmin({ person }: FastifyRequest): void {
  if (person.role !== 'Admin') {
    throw new ProblemError(403, {
      code: 'role_may_not_examine',
      what: 'The installation was not examined.',
      why: `${person.login} has the role ${person.role} in Grafana, and this takes Admin.`,
      todo: 'Ask an administrator of Grafana.',
    });
  }
}

function tooSoon(): ProblemError {
  return new ProblemError(429, {
    code: 'too_soon',
    what: 'No test notice was sent.',
    why: `One was sent within the last ${pauseMs / 1000} seconds.`,
    todo: 'Wait a moment and try again.',
  });
}

function unknownNotice(reference: string): ProblemError {
  return new ProblemError(404, {
    code: 'notice_unknown',
    what: 'There is no such test notice.',
    why: `The service has sent none with the reference ${reference} since its start.`,
    todo: 'Send a new one.',
  });
}
