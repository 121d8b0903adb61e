import type { Problem } from '@dfr-ops/contracts';

/** An error to show to a person: the contract's `problem`, and the HTTP `status` it came with (0: no answer at all). */
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

/** Any thrown thing as a `Problem`, so that every failure is told in the same three sentences. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) {
    return error.problem;
  }
  return {
    code: 'unforeseen',
    what: 'This page stumbled over an error of its own.',
    why: error instanceof Error ? error.message : String(error),
    todo: 'Load the page again. Alerting and running actions are not affected.',
  };
}
