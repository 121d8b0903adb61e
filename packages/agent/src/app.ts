import { AgentVerb, agentBodies, type Problem } from '@dfr-ops/contracts';
import fastify, { LogController, type FastifyInstance } from 'fastify';
import type { z } from 'zod';
import type { TlsListen } from './config.ts';
import type { Verbs } from './verbs.ts';

/**
 * `POST /v1/<verb>` and `GET /healthz`. A verb answers 200 with AgentAnswer, `ok: false` included; what is no verb, a
 * Problem. With `tls` only those are let in who show a certificate of the client CA.
 */
export function buildApp(verbs: Verbs, options: { log: boolean; tls?: TlsListen }): FastifyInstance {
  const app = fastify({
    ...(options.tls ? { https: mutualTls(options.tls) } : {}),
    logger: options.log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 4096,
    forceCloseConnections: 'idle',
  });
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.post<{ Params: { verb: string } }>('/v1/:verb', async (request, reply) => {
    const verb = AgentVerb.safeParse(request.params.verb);
    if (!verb.success) {
      return reply.code(404).send(unknownVerb(request.params.verb));
    }
    const body = agentBodies[verb.data].safeParse(request.body);
    if (!body.success) {
      return reply.code(400).send(wrongBody(verb.data, body.error));
    }
    const answer = await verbs.run(verb.data, body.data as never);
    request.log.info({ verb: verb.data, body: body.data, ok: answer.ok, output: answer.output }, 'verb done');
    return answer;
  });
  app.setNotFoundHandler((request, reply) => reply.code(404).send(unknownVerb(`${request.method} ${request.url}`)));
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    request.log.error(error);
    const status = error.statusCode ?? 500;
    return reply.code(status).send(status < 500 ? unreadable(error) : broken());
  });
  return app;
}

function mutualTls({ cert, key, clientCa }: TlsListen) {
  return { cert, key, ca: clientCa, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' as const };
}

/** What those verbs take that take anything. */
const takes: Partial<Record<AgentVerb, string>> = {
  drain: '{"server": "host:port"}',
  undrain: '{"server": "host:port"} or {"server": null}',
  'maintenance-on': '{"seconds": 10 to 14400}',
  'rate-limit': '{"limit": "name"}',
  'block-ip': '{"address": "203.0.113.7" or "203.0.113.0/24", "seconds": 300 to 86400}',
  'check-ip': '{"address": "203.0.113.7" or "203.0.113.0/24"}',
  'unblock-ip': '{"address": as the status has it}',
};

function unknownVerb(name: string): Problem {
  return {
    code: 'verb_unknown',
    what: 'The agent was asked for something that it cannot do.',
    why: `"${name.slice(0, 80)}" is none of its verbs: ${AgentVerb.options.join(', ')}.`,
    todo: 'Send POST /v1/<verb> with one of them.',
  };
}

function wrongBody(verb: AgentVerb, error: z.ZodError): Problem {
  return {
    code: 'body_wrong',
    what: `The agent refused ${verb}; nothing was touched.`,
    why: 'Its body is not what this verb takes.',
    todo: `Send ${takes[verb] ?? '{}'} with ${verb}.`,
    issues: error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
  };
}

function unreadable(error: Error): Problem {
  return {
    code: 'request_unreadable',
    what: 'The agent could not read the request; nothing was touched.',
    why: error.message,
    todo: 'Send JSON with content type application/json.',
  };
}

function broken(): Problem {
  return {
    code: 'agent_broken',
    what: 'The agent failed at this request.',
    why: 'It met an error of its own; its log names it.',
    todo: 'Read the log of the agent, and ask for its status before you try again.',
  };
}
