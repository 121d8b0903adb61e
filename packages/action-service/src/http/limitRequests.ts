import rateLimit from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from '../problem.ts';
import type { App } from './app.ts';

/** A person with many panels open asks some hundred times; a loop that runs away asks more. */
const requestsPerMinute = 3000;
/** The store has ten connections: one person's requests may never hold them all. */
const atOncePerPerson = 4;

interface Waiting {
  running: number;
  next: Array<() => void>;
}

/**
 * Keeps one person's requests from holding up another's: only so many of one are answered at a time, the others wait their turn,
 * and more than so many a minute are refused (429). Register after the person is known.
 */
export async function limitRequests(app: App): Promise<void> {
  await app.register(rateLimit, {
    max: requestsPerMinute,
    timeWindow: 60_000,
    keyGenerator: ({ person }) => person.login,
    errorResponseBuilder: (_request, { ttl }) => tooMany(Math.ceil(ttl / 1000)),
  });
  const people = new Map<string, Waiting>();
  const turns = new WeakMap<FastifyRequest, () => void>();
  app.addHook('preHandler', async (request) => {
    if (!isLongPoll(request)) {
      turns.set(request, await takeTurn(people, request.person.login));
    }
  });
  // Not when the connection closes: who goes away leaves the store at work.
  app.addHook('onSend', async (request) => {
    turns.get(request)?.();
    turns.delete(request);
  });
}

/** It waits for events, and holds no connection of the store meanwhile. */
function isLongPoll({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.url?.endsWith('/events') ?? false;
}

/** Resolves when it is this person's turn, with what to call when it is over. */
async function takeTurn(people: Map<string, Waiting>, login: string): Promise<() => void> {
  const person = people.get(login) ?? { running: 0, next: [] };
  people.set(login, person);
  if (person.running < atOncePerPerson) {
    person.running += 1;
  } else {
    await new Promise<void>((resolve) => person.next.push(resolve));
  }
  return () => {
    const next = person.next.shift();
    if (next) {
      next();
    } else if ((person.running -= 1) === 0) {
      people.delete(login);
    }
  };
}

function tooMany(seconds: number): ProblemError {
  return new ProblemError(429, {
    code: 'too_many_requests',
    what: 'The request was refused, nothing was changed.',
    why: `More than ${requestsPerMinute} requests came from you within a minute.`,
    todo: `Close pages that you do not need, and try again in ${seconds} s.`,
  });
}
