import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

const Body = z.strictObject({ seconds: z.number().min(0).max(120) });

/** A sink that takes nothing for a while, as a provider in trouble does; it comes round by itself. */
export interface Refusal {
  active(): boolean;
}

/** `PUT /refusal {"seconds": n}`: nothing is taken for so long, at most 120 s; 0 ends it. For drills. */
export function addRefusal(app: FastifyInstance): Refusal {
  let until = 0;
  app.put('/refusal', async (request, reply) => {
    const body = Body.safeParse(request.body);
    if (!body.success) {
      return reply.code(400).send({ error: 'seconds must be a number from 0 to 120' });
    }
    until = Date.now() + body.data.seconds * 1000;
    return reply.code(204).send();
  });
  return { active: () => Date.now() < until };
}
