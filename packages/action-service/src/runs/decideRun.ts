import type { PoolClient } from 'pg';
import type { Person, Run } from '@dfr-ops/contracts';
import { recordAudit } from '../audit/recordAudit.ts';
import { notFound, ProblemError } from '../problem.ts';
import { inTransaction } from '../store/pool.ts';
import { demandRight, demandThawed, type ActionDesk } from './actionDesk.ts';
import { appendEvent, type Told } from './appendEvent.ts';
import { nothingDone } from './concludeRun.ts';
import { decideAlone, describeHolder, lockHolder } from './locks.ts';
import { runOfRow, type RunRow } from './runRow.ts';

/** `override`: in an emergency it runs without the second person that it waits for. */
export type Decision = 'cancel' | 'approve' | 'reject' | 'override';

/**
 * A person decides about a run: takes it back or lets it run before it has begun, or asks that it stops while it acts, where its
 * action can. Nothing ever holds a cancel up. Throws 403, 404, and 409 when it is too late.
 */
export async function decideRun(desk: ActionDesk, person: Person, id: string, decision: Decision): Promise<Run> {
  return inTransaction(desk.store, async (client) => {
    const { rows } = await client.query<RunRow>('SELECT * FROM runs WHERE id = $1 FOR UPDATE', [id]);
    const found = rows[0];
    if (!found) {
      throw notFound('run', id, 'Look for it in the list of runs.');
    }
    const target = { kind: found.target_kind, name: found.target_name };
    if (decision !== 'cancel' || person.login !== found.requested_by) {
      demandRight(desk, person, verbs[decision], found.action_id, target);
    }
    demandSecondPerson(found, person, decision);
    if (decision === 'cancel' && found.state === 'running') {
      return runOfRow(await askToStop(client, person, found));
    }
    if (decision === 'approve' || decision === 'override') {
      await demandThawed(desk, client);
      if (found.state === 'awaiting_approval' && found.approve_until && found.approve_until <= desk.now()) {
        throw tooLate(
          'approval_late',
          'Its time to be approved is over.',
          'Preview it again: the world may have changed.'
        );
      }
      await decideAlone(client, target);
      const holder = found.rollback_of === null ? await lockHolder(client, target, found.lock) : null;
      if (holder) {
        throw tooLate('target_locked', `${describeHolder(holder)}.`, 'Wait for it to end, then try again.');
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
    if (decision === 'override') {
      await desk.tellOthers(client, row, 'override', person);
    }
    if (decision === 'approve' || decision === 'override') {
      await desk.queue.send(client, id);
    }
    return runOfRow(row);
  });
}

const verbs = { cancel: 'run', approve: 'approve', reject: 'approve', override: 'override' } as const;

/** The worker that has it hears of it; where it stops is the action's to say. */
async function askToStop(client: PoolClient, person: Person, found: RunRow): Promise<RunRow> {
  if (!found.cancellable) {
    throw tooLate(
      'run_has_begun',
      'The run acts, and its action cannot be stopped halfway.',
      'Its deadline ends it. See its outcome, then take it back where it can be.'
    );
  }
  if (found.cancel_by !== null) {
    return found;
  }
  const told = { kind: 'step' as const, text: `${person.login} asks it to stop`, change: { cancel_by: person.login } };
  const row = (await appendEvent(client, found.id, told)) as RunRow;
  const data = { actionId: row.action_id, during: found.state };
  await recordAudit(client, { actor: person.login, kind: 'run.cancel', subject: row.id, data });
  return row;
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
  if (decision === 'override') {
    return {
      kind: 'state',
      text: `Emergency: ${person.login} lets it run without the second person`,
      change: { state: 'queued', overridden_by: person.login, approve_until: desk.now() },
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
