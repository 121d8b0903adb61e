import { createHash, randomUUID } from 'node:crypto';
import type { PoolClient } from 'pg';
import type { AlertVerdict, Approval, Approvers, Person, Run, RunRequest, Target } from '@dfr-ops/contracts';
import type { Action, Parameters } from '../actions/action.ts';
import { recordAudit } from '../audit/recordAudit.ts';
import { ProblemError } from '../problem.ts';
import { inTransaction } from '../store/pool.ts';
import { demandRight, demandThawed, findAction, type ActionDesk } from './actionDesk.ts';
import { appendEvent } from './appendEvent.ts';
import { isStricter, readDoings } from './holds.ts';
import { decideAlone } from './locks.ts';
import { askedOf, hashToken } from './makePreview.ts';
import { runOfRow, type RunRow } from './runRow.ts';

interface PreviewRow {
  token_hash: string;
  person: string;
  action_id: string;
  target_kind: Target['kind'];
  target_name: string;
  parameters: Parameters;
  snapshot: unknown;
  approval: Approval;
  fingerprint: string | null;
  alert_name: string | null;
  alert_labels: Record<string, string> | null;
  incident_id: string | null;
  rollback_of: string | null;
  approvers: Approvers;
  expired: boolean;
}

const approveWithinMinutes = 15;

/**
 * Accepts a run: the run, its first event, its audit entry and its job are written in one transaction. The same token with the
 * same body by the same person answers the same run. Throws 400, 403 (no such token, or another's), 409, 410 (expired).
 */
export async function acceptRun(desk: ActionDesk, person: Person, request: RunRequest): Promise<Run> {
  const bodyHash = createHash('sha256')
    .update(JSON.stringify([request.reason, request.typedTarget, ...(request.override ? ['override'] : [])]))
    .digest('hex');
  return inTransaction(desk.store, async (client) => {
    const preview = await lockPreview(client, request.token);
    const { rows } = await client.query<RunRow>('SELECT * FROM runs WHERE token_hash = $1', [preview.token_hash]);
    if (rows[0]) {
      return sameRun(rows[0], person, bodyHash);
    }
    if (preview.person !== person.login) {
      throw refused(403, 'token_of_another', 'The token belongs to another person.', 'Preview it yourself.');
    }
    if (preview.expired) {
      throw refused(
        410,
        'token_expired',
        'What was shown is older than two minutes.',
        'Preview it again: the world may have changed.'
      );
    }
    const action = findAction(desk, preview.action_id);
    const target = { kind: preview.target_kind, name: preview.target_name };
    await demandThawed(desk, client);
    demandRight(desk, person, 'run', action.id, target);
    demandTypedTarget(preview, request);
    if (request.override) {
      demandOverride(desk, person, preview, target);
    }
    await decideAlone(client, target);
    await demandAsShown(desk, client, person, preview, action, target);
    return runOfRow(await write(desk, client, person, request, preview, action, bodyHash));
  });
}

/** Holds the preview's row, so that two clicks at once come one after the other. */
async function lockPreview(client: PoolClient, token: string): Promise<PreviewRow> {
  const { rows } = await client.query<PreviewRow>(
    'SELECT *, expires_at < clock_timestamp() AS expired FROM previews WHERE token_hash = $1 FOR UPDATE',
    [hashToken(token)]
  );
  if (!rows[0]) {
    throw refused(
      403,
      'token_unknown',
      'No preview goes with this token.',
      'Preview the action first, then run what was shown.'
    );
  }
  return rows[0];
}

function sameRun(row: RunRow, person: Person, bodyHash: string): Run {
  if (row.requested_by === person.login && row.body_hash === bodyHash) {
    return runOfRow(row);
  }
  throw refused(
    409,
    'token_used',
    'Its token was used already, by somebody else or with another reason.',
    `See what run ${row.id} does, or preview again.`
  );
}

function demandTypedTarget(preview: PreviewRow, request: RunRequest): void {
  if (preview.approval !== 'typed_target' || request.typedTarget === preview.target_name) {
    return;
  }
  throw new ProblemError(400, {
    code: 'target_not_typed',
    what: 'The run was refused, nothing was changed.',
    why: "The target's name is asked for and was not typed, or typed otherwise.",
    todo: `Type ${preview.target_name} to confirm.`,
    issues: [{ path: 'typedTarget', message: `Must be ${preview.target_name}.` }],
  });
}

/** An emergency passes by the second person only, and only where there is one to pass by. */
function demandOverride(desk: ActionDesk, person: Person, preview: PreviewRow, target: Target): void {
  demandRight(desk, person, 'override', preview.action_id, target);
  if (preview.approval !== 'second_person') {
    throw refused(400, 'nothing_to_override', 'It asks for no second person.', 'Run it as it is.');
  }
}

/** Something holds it up since, or what was shown asked less of the person than is asked now: another run, or another policy. */
async function demandAsShown(
  desk: ActionDesk,
  client: PoolClient,
  person: Person,
  preview: PreviewRow,
  action: Action,
  target: Target
): Promise<void> {
  const settings = desk.policy.settings(action.id);
  if (settings.limits.perPersonPerHour) {
    // Two targets are decided about at the same time: this person's runs are counted one after the other.
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 7263))', [`${person.login} ${action.id}`]);
  }
  const doings = await readDoings(client, desk.now(), [settings], {
    actionId: action.id,
    target,
    login: person.login,
  });
  const { holds, approval } = askedOf(desk, doings, person, action, target, preview.rollback_of);
  const hold = holds.find((one) => one.asks === 'wait');
  if (hold) {
    const code = hold.kind === 'lock' ? 'target_locked' : 'limit_reached';
    throw refused(409, code, hold.why, 'Wait for it to end, then preview again.');
  }
  if (isStricter(approval, preview.approval)) {
    const why = holds[0]?.why ?? 'The policy asks for more than it did when this was shown.';
    throw refused(409, 'approval_changed', why, 'Preview it again and confirm what it asks for.');
  }
}

async function write(
  desk: ActionDesk,
  client: PoolClient,
  person: Person,
  request: RunRequest,
  preview: PreviewRow,
  action: Action,
  bodyHash: string
): Promise<RunRow> {
  const id = `run-${randomUUID()}`;
  const waits = preview.approval === 'second_person' && !request.override;
  await client.query(
    `INSERT INTO runs (id, token_hash, body_hash, action_id, title, target_kind, target_name, risk, lock, parameters, snapshot,
       reason, requested_by, state, effect, alert, fingerprint, alert_name, alert_labels, incident_id, rollback, approval, approvers,
       overridden_by, rollback_of, cancellable, approve_until)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26,
       CASE WHEN $14 = 'awaiting_approval' THEN clock_timestamp() + make_interval(mins => $27) END)`,
    [
      id,
      preview.token_hash,
      bodyHash,
      action.id,
      action.title,
      preview.target_kind,
      preview.target_name,
      action.risk,
      action.lock,
      JSON.stringify(preview.parameters),
      JSON.stringify(preview.snapshot),
      request.reason,
      person.login,
      waits ? 'awaiting_approval' : 'queued',
      JSON.stringify({ state: 'pending', detail: 'Not acted yet.' }),
      JSON.stringify(firstAlertVerdict(action, preview)),
      preview.fingerprint,
      preview.alert_name,
      preview.alert_labels && JSON.stringify(preview.alert_labels),
      preview.incident_id,
      action.rollback,
      preview.approval,
      JSON.stringify(preview.approvers),
      request.override ? person.login : null,
      preview.rollback_of,
      action.cancellable ?? false,
      approveWithinMinutes,
    ]
  );
  const text = waits
    ? 'Waits for a second person to approve it'
    : request.override
      ? `Accepted as an emergency: ${person.login} does without the second person`
      : 'Accepted';
  const row = (await appendEvent(client, id, { kind: 'state', text })) as RunRow;
  const data = {
    actionId: action.id,
    target: preview.target_name,
    parameters: preview.parameters,
    reason: request.reason,
    fingerprint: preview.fingerprint,
    incidentId: preview.incident_id,
    snapshot: preview.snapshot,
    rollbackOf: preview.rollback_of,
  };
  await recordAudit(client, { actor: person.login, kind: 'run.accepted', subject: id, data });
  if (request.override) {
    const overridden = { actionId: action.id, target: preview.target_name, reason: request.reason };
    await recordAudit(client, { actor: person.login, kind: 'run.override', subject: id, data: overridden });
  }
  const occasion = waits ? 'approval' : request.override ? 'override' : action.risk === 'high' ? 'high_risk' : null;
  if (occasion) {
    await desk.tellOthers(client, row, occasion, person);
  }
  if (!waits) {
    await desk.queue.send(client, id);
  }
  return row;
}

function firstAlertVerdict(action: Action, preview: PreviewRow): AlertVerdict {
  const verdict = { since: null, freshSamples: 0 };
  if (!action.mends) {
    return { ...verdict, state: 'not_meant_to_clear', detail: 'This action is not meant to clear an alert.' };
  }
  return preview.fingerprint
    ? { ...verdict, state: 'pending', detail: 'Looked at once the action is done.' }
    : { ...verdict, state: 'not_meant_to_clear', detail: 'It was run without an alert.' };
}

function refused(status: number, code: string, why: string, todo: string): ProblemError {
  return new ProblemError(status, { code, what: 'The run was refused, nothing was changed.', why, todo });
}
