import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod';
import { ProblemDetails, type Problem } from '@dfr-ops/contracts';
import { ProblemError } from '../problem.ts';
import type { App } from './app.ts';

/** Response schemas of every route of the API: whatever the status, an error is a problem. Which there are: operations.ts. */
export const problemResponses = { '4xx': ProblemDetails, '5xx': ProblemDetails };

/** Errors of PostgreSQL's client that mean "the store cannot be reached", by SQLSTATE class or errno. */
const storeUnreachable = /^(ECONNREFUSED|ECONNRESET|ENOENT|ETIMEDOUT|EPIPE|08...|57P0.|53300)$/;

/** Errors of the same meaning that bear no code. */
const storeLost = /^(timeout exceeded when trying to connect|Connection terminated|Query read timeout)/;

/** Makes every error of the service a `Problem`, and keeps the text of unforeseen ones in the log. */
export function answerProblems(app: App): void {
  app.setErrorHandler((error: FastifyError, request, reply) => answerError(error, request, reply));
  app.setNotFoundHandler((request, reply) =>
    send(reply, 404, {
      code: 'route_unknown',
      what: 'There is no such address.',
      why: `The service answers nothing at ${request.method} ${request.url.split('?')[0]}.`,
      todo: 'See /openapi.json for what it answers.',
    })
  );
}

export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
  if (error instanceof ProblemError) {
    return send(reply, error.status, error.problem);
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    return send(reply, 400, {
      code: 'input_wrong',
      what: 'The request was refused, nothing was changed.',
      why: `Its ${error.validationContext ?? 'input'} does not have the form that is asked for.`,
      todo: 'Correct the fields named under "issues" and send it again.',
      issues: error.validation.map((issue) => ({
        path: issue.instancePath.replace(/^\//, '').replaceAll('/', '.'),
        message: issue.message ?? 'wrong',
      })),
    });
  }
  const status = error.statusCode ?? 500;
  if (status < 500 && !isResponseSerializationError(error)) {
    return send(reply, status, {
      code: (error.code ?? 'request_refused').toLowerCase(),
      what: 'The request was refused, nothing was changed.',
      why: `${error.message.slice(0, 300)}.`.replace(/\.\.$/, '.'),
      todo: 'Correct the request and send it again.',
    });
  }
  request.log.error({ err: error }, 'unforeseen error');
  if (storeUnreachable.test(error.code ?? '') || storeLost.test(error.message)) {
    return send(reply, 503, {
      code: 'store_unreachable',
      what: 'The service cannot answer this now.',
      why: "Its own database (not DFR's) does not answer.",
      todo: 'Alerts and notices go on without it. Look at the health page, start the store, then try again.',
    });
  }
  return send(reply, 500, {
    code: 'unforeseen',
    what: 'The service failed at this request.',
    why: `An error that it does not know of; its log has it under request ${request.id}.`,
    todo: 'Look whether the run was recorded before you try again, and report the fault with the request id.',
  });
}

function send(reply: FastifyReply, status: number, problem: Problem) {
  const details = detailsOf(status, problem, reply.request.id);
  return reply.code(status).type('application/problem+json').serializer(JSON.stringify).send(details);
}

/** A problem as RFC 9457 has it. `id`: the request's. */
export function detailsOf(status: number, problem: Problem, id: string): ProblemDetails {
  return {
    type: `urn:dfr-ops:problem:${problem.code}`,
    title: problem.what,
    status,
    detail: `${problem.why} ${problem.todo}`,
    instance: `urn:uuid:${id}`,
    ...problem,
  };
}
