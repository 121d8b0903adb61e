import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Person } from '@dfr-ops/contracts';
import { recordAudit } from '../audit/recordAudit.ts';
import { ProblemError } from '../problem.ts';

export interface Asked {
  person: Person;
  /** e.g. `run.refused` */
  kind: string;
  /** What was asked for: an action's or a run's id. */
  subject: () => Promise<string> | string;
}

/** Does `work`; when it is refused with a Problem, the audit trail has who asked for what, and why it was refused. */
export async function auditRefusal<Result>(
  store: Pool,
  log: Logger,
  { person, kind, subject }: Asked,
  work: () => Promise<Result>
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProblemError) {
      const data = { code: error.problem.code, why: error.problem.why };
      try {
        await recordAudit(store, { actor: person.login, kind, subject: await subject(), data });
      } catch (lost) {
        // The refusal itself is the answer, whether or not the store takes note of it.
        log.error({ err: lost, actor: person.login, kind, data }, 'a refusal could not be audited');
      }
    }
    throw error;
  }
}
