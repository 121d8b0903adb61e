import type { Problem } from '@dfr-ops/contracts';

/**
 * An error for a person, thrown anywhere in the service and answered by HTTP as it stands.
 * `status` is the HTTP status; the rest is the contract's `Problem`.
 */
export class ProblemError extends Error {
  readonly status: number;
  readonly problem: Problem;

  constructor(status: number, problem: Problem, options?: ErrorOptions) {
    super(`${problem.what} ${problem.why}`, options);
    this.name = 'ProblemError';
    this.status = status;
    this.problem = problem;
  }
}

/** 404 in the words of the contract. `what` names the thing, e.g. "run". */
export function notFound(thing: string, id: string, todo: string): ProblemError {
  return new ProblemError(404, {
    code: `${thing.replaceAll(' ', '_')}_unknown`,
    what: `There is no such ${thing}.`,
    why: `Nothing is known under the id "${id.slice(0, 80)}".`,
    todo,
  });
}
