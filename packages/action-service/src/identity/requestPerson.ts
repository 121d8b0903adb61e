import type { FastifyRequest } from 'fastify';
import type { Person } from '@dfr-ops/contracts';
import { ProblemError } from '../problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, from the verified identity token. Set on every route below /api/v1. */
    person: Person;
  }
}

/** The person who asks, if their role lets them act at all; what they may run is the policy's to say. Throws 403. */
export function actingPerson(request: FastifyRequest): Person {
  const { person } = request;
  if (person.role === 'Editor' || person.role === 'Admin') {
    return person;
  }
  throw new ProblemError(403, {
    code: 'role_may_not_act',
    what: 'You may look, not act: nothing was changed.',
    why: `${person.login} has the role ${person.role} in Grafana, and acting takes Editor or Admin.`,
    todo: 'Ask an administrator of Grafana for the role Editor, or let somebody act who has it.',
  });
}
