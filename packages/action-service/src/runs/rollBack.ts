import type { RollbackOffer, Target } from '@dfr-ops/contracts';
import type { Action, Parameters } from '../actions/action.ts';
import { notFound, ProblemError } from '../problem.ts';
import type { Queryable } from '../store/pool.ts';
import { findAction, targetOf, type ActionDesk } from './actionDesk.ts';
import type { RunRow } from './runRow.ts';

/** What takes a run back, filled in from what was done. Throws 404, and 409 where there is nothing to take back. */
export async function offerRollback(desk: ActionDesk, runId: string): Promise<RollbackOffer> {
  const row = await findTakenBack(desk.store, runId);
  if (row.rollback === null) {
    throw refused('no_rollback', `"${row.title}" has no action that takes it back.`, 'See its description.');
  }
  const action = findAction(desk, row.rollback);
  const done = desk.catalogue.find((one) => one.id === row.action_id);
  return { runId, actionId: action.id, target: targetOf(desk, action), parameters: parametersOf(done, row) };
}

/** Throws unless `action` is the one that takes the run back, on its target, and there is something to take back. */
export async function demandRollbackOf(db: Queryable, runId: string, action: Action, target: Target): Promise<void> {
  const row = await findTakenBack(db, runId);
  if (row.rollback !== action.id || row.target_name !== target.name) {
    const why = `${action.id} on ${target.name} is not what takes run ${runId} back.`;
    throw refused('not_its_rollback', why, 'Ask the run what does.');
  }
}

/** The action's own words where it has any, else what the run was given: the form of the other takes what it knows of that. */
function parametersOf(done: Action | undefined, row: RunRow): Parameters {
  return done?.rollbackParameters?.({ parameters: row.parameters, snapshot: row.snapshot }) ?? row.parameters;
}

async function findTakenBack(db: Queryable, runId: string): Promise<RunRow> {
  const { rows } = await db.query('SELECT * FROM runs WHERE id = $1', [runId]);
  const row: RunRow | undefined = rows[0];
  if (!row) {
    throw notFound('run', runId, 'Look for it in the list of runs.');
  }
  if (row.started_at === null) {
    throw refused('nothing_to_take_back', `The run is ${row.state}: nothing was done.`, 'Cancel it if it still waits.');
  }
  if (row.acted_at === null && row.finished_at === null) {
    throw refused('still_acting', 'The run still acts.', 'Cancel it where it can be, or wait for it to have acted.');
  }
  return row;
}

function refused(code: string, why: string, todo: string): ProblemError {
  return new ProblemError(409, { code, what: 'The request was refused, nothing was changed.', why, todo });
}
