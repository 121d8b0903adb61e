import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { User } from './users.ts';

/** How people get in: by one-time links (demonstration) or by a password (break-glass console). */
export interface Access {
  /** Whose session the request brings; undefined: nobody's. */
  userOf(request: FastifyRequest): User | undefined;
  /** Answers the page that says how to get in. */
  askToLogIn(request: FastifyRequest, reply: FastifyReply): FastifyReply | Promise<FastifyReply>;
  /** Null where people get in by links. */
  passwordIsSet: (() => Promise<boolean>) | null;
  addRoutes(app: FastifyInstance): void;
}
