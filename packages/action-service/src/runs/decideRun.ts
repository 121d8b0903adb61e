import type { Person, Run } from '@dfr-ops/contracts';
import { recordAudit } from '../audit/recordAudit.ts';
import { notFound, ProblemError } from '../problem.ts';
import { inTransaction } from '../store/pool.ts';
import { demandRight, demandThawed, type ActionDesk } from './actionDesk.ts';
import { appendEvent, type Told } from './appendEvent.ts';
import { nothingDone } from './concludeRun.ts';
import { decideAlone, describeHolder, lockHolder } from './locks.ts';
import { runOfRow, type RunRow } from './runRow.ts';

type Decision = 'cancel' | 'approve' | 'reject';

/**
 * A person decides about a run that has not begun: takes it back, or approves or rejects another's. Throws 403, 404, and 409 when
 * it is too late.
 */
export async function decideRun(desk: ActionDesk, person: Person, id: string, decision: Decision): Promise<Run> {
  return inTransaction(desk.store, async (client) => {
    const { rows } = await client.query<RunRow>('SELECT * FROM runs WHERE id = $1 FOR UPDATE', [id]);
    const found = rows[0];
    if (!found) {
      throw notFound('run', id, 'Look for it in the list of runs.');
    }
    const target = { kind: found.target_kind, name: found.target_name };
    demandRight(desk, person, decision === 'cancel' ? 'run' : 'approve', found.action_id, target);
    demandSecondPerson(found, person, decision);
    if (decision === 'approve') {
      demandThawed(desk);
      if (found.state === 'awaiting_approval' && found.approve_until && found.approve_until <= desk.now()) {
        throw tooLate(
          'approval_late',
          'Its time to be approved is over.',
          'Preview it again: the world may have changed.'
        );
      }
      await decideAlone(client, target);
      const holder = await lockHolder(client, target, found.lock);
      if (holder) {
        throw tooLate('target_locked', `${describeHolder(holder)}.`, 'Wait for it to end, then approve.');
      }
    }
    const states = decision === 'cancel' ? ['queued', 'awaiting_approval'] : ['awaiting_approval'];
    const row = await appendEvent(client, id, tellingOf(desk, person, found, decision), { states });
    if (!row) {
      throw tooLate(
        'run_has_begun',
        `The run is ${found.state}.`,
        decision === 'cancel'
          ? 'What acts already cannot be stopped halfway; its deadline ends it. See its outcome.'
          : 'See its outcome.'
      );
    }
    await recordAudit(client, {
      actor: person.login,
      kind: `run.${decision}`,
      subject: id,
      data: { actionId: row.action_id },
    });
    if (decision === 'approve') {
      await desk.queue.send(client, id);
    }
    return runOfRow(row);
  });
}

function tellingOf(desk: ActionDesk, person: Person, row: RunRow, decision: Decision): Told {
  if (decision === 'approve') {
    return {
      kind: 'state',
      text: `Approved by ${person.login}`,
      // From now on it waits for its turn: how long that may take is counted from here.
      change: { state: 'queued', approved_by: person.login, approve_until: desk.now() },
    };
  }
  const word = decision === 'cancel' ? 'cancelled' : 'rejected';
  const outcome = `Nothing was done: ${word} by ${person.login}.`;
  const change = { state: word, outcome, finished_at: desk.now(), ...nothingDone(row.alert) } as const;
  return { kind: 'state', text: `${word[0]?.toUpperCase()}${word.slice(1)} by ${person.login}`, change };
}

function demandSecondPerson(row: RunRow, person: Person, decision: Decision): void {
  if (decision === 'approve' && row.requested_by === person.login) {
    throw new ProblemError(403, {
      code: 'same_person',
      what: 'The approval was refused, nothing was changed.',
      why: 'Nobody approves what they asked for themselves.',
      todo: 'Let somebody else approve it.',
    });
  }
}

function tooLate(code: string, why: string, todo: string): ProblemError {
  return new ProblemError(409, { code, what: 'The request was refused, nothing was changed.', why, todo });
}
