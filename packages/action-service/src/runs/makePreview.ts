import { createHash, randomBytes } from 'node:crypto';
import type { Approval, Approvers, Hold, Person, Preview, PreviewRequest, Target } from '@dfr-ops/contracts';
import { emptyTable, type Action, type ActionContext, type Draft, type Parameters } from '../actions/action.ts';
import { checkParameters } from '../actions/checkParameters.ts';
import { recordAudit } from '../audit/recordAudit.ts';
import { nobody } from '../policy/policySource.ts';
import type { IncidentOfAlert } from '../deps.ts';
import { notFound, ProblemError } from '../problem.ts';
import { inTransaction, type Queryable } from '../store/pool.ts';
import {
  alertForAction,
  contextOf,
  demandRight,
  demandThawed,
  findAction,
  targetOf,
  type ActionDesk,
} from './actionDesk.ts';
import { allowedForm, forbiddenParameters } from './allowedParameters.ts';
import { approvalUnder, holdsOn, readDoings, type Doings } from './holds.ts';
import { demandRollbackOf } from './rollBack.ts';

const tokenLivesMs = 2 * 60_000;

/** SHA-256 of a preview token, under which it is stored. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/**
 * Computes what an action would do, without touching anything, and makes the token with which this person, and nobody else, may
 * run exactly that within two minutes. Throws 400 with the wrong fields, 403, 404, 409.
 */
export async function makePreview(
  desk: ActionDesk,
  person: Person,
  id: string,
  request: PreviewRequest
): Promise<Preview> {
  const action = findAction(desk, id);
  const target = targetOf(desk, action);
  await demandThawed(desk, desk.store);
  demandRight(desk, person, 'preview', id, target);
  if (request.rollbackOf !== null) {
    await demandRollbackOf(desk.store, request.rollbackOf, action, target);
  }
  const alert = await findAlert(desk, request.fingerprint);
  const asked = { person: person.login, alert: alertForAction(alert) };
  const { draft, parameters } = await draftOf(desk, action, asked, request.parameters);
  const doings = await readDoings(desk.store, desk.now(), [desk.policy.settings(id)], {
    actionId: id,
    target,
    login: person.login,
  });
  const { holds, approval, approvers } = askedOf(desk, doings, person, action, target, request.rollbackOf);
  const refusal = draft.refusal ?? failedPrecondition(draft) ?? refusalFor(desk, person, action, target, holds);
  const reason = draft.suggestedReason;
  const preview: Preview = {
    token: null,
    expiresAt: null,
    refusal,
    actionId: id,
    title: action.title,
    target,
    parameters,
    summary: draft.summary,
    statement: draft.statement,
    affected: draft.affected,
    preconditions: draft.preconditions,
    warnings: [
      ...holds.filter((hold) => hold.asks === 'typed_target').map((hold) => hold.why),
      ...(alert && !alert.open ? [`${alert.alertName} is resolved by now.`] : []),
      ...draft.warnings,
    ],
    risk: action.risk,
    approval,
    approvers,
    mayOverride: approval === 'second_person' && desk.policy.denies(person, 'override', id, target) === null,
    suggestedReason: (alert ? `${alert.alertName}${reason ? `: ${reason}` : ''}` : reason).slice(0, 500),
  };
  if (refusal) {
    const data = { target: target.name, parameters, fingerprint: request.fingerprint, why: refusal.why };
    await recordAudit(desk.store, { actor: person.login, kind: 'preview.refused', subject: id, data });
    return preview;
  }
  return { ...preview, ...(await keep(desk, person, preview, draft.snapshot, request, alert)) };
}

/**
 * What an action asks of this person on its target now, and what holds it up. Nothing holds up what takes a run back; there the
 * typed name stands for the second person.
 */
export function askedOf(
  desk: ActionDesk,
  doings: Doings,
  person: Person,
  action: Action,
  target: Target,
  rollbackOf: string | null
): { holds: Hold[]; approval: Approval; approvers: Approvers } {
  const { asked, approvers } = desk.policy.approval(person.login, action.id, target);
  if (rollbackOf !== null) {
    return { holds: [], approval: asked === 'none' ? 'none' : 'typed_target', approvers: nobody };
  }
  const holds = holdsOn(doings, {
    action,
    target,
    settings: desk.policy.settings(action.id),
    login: person.login,
    now: desk.now(),
    actionOf: (id) => desk.catalogue.find((one) => one.id === id),
  });
  return { holds, approval: approvalUnder(holds, asked), approvers };
}

/** The action that was previewed under this token, as far as it is known. */
export async function previewedAction(db: Queryable, token: string): Promise<string> {
  const { rows } = await db.query('SELECT action_id FROM previews WHERE token_hash = $1', [hashToken(token)]);
  return rows[0]?.action_id ?? 'unknown token';
}

async function findAlert(desk: ActionDesk, fingerprint: string | null): Promise<IncidentOfAlert | null> {
  if (fingerprint === null) {
    return null;
  }
  const alert = await desk.findIncidentByFingerprint(fingerprint);
  if (!alert) {
    throw notFound('alert', fingerprint, 'Open the alert anew from the list, or preview without an alert.');
  }
  return alert;
}

async function draftOf(
  desk: ActionDesk,
  action: Action,
  asked: Pick<ActionContext, 'person' | 'alert'>,
  given: Parameters
): Promise<{ draft: Draft<unknown>; parameters: Parameters }> {
  const lacking = action.lacking(desk.connectors);
  if (lacking) {
    return { draft: impossible(`Unavailable, because ${lacking}.`, 'Complete the installation.'), parameters: given };
  }
  const context = contextOf(desk, action, asked);
  try {
    const { allow } = desk.policy.settings(action.id);
    const form = await action.form(context);
    const checked = checkParameters(allowedForm(form, allow), given);
    const forbidden = checked.parameters ? forbiddenParameters(form, checked.parameters, allow) : [];
    if (checked.parameters === null || forbidden.length > 0) {
      const issues = [...checked.issues, ...forbidden];
      throw new ProblemError(400, {
        code: 'parameters_wrong',
        what: 'The preview was refused, nothing was changed.',
        why: issues.map((issue) => `${issue.path}: ${issue.message}`).join(' '),
        todo: 'Correct the fields named and preview again.',
        issues,
      });
    }
    return { draft: await action.preview(context, checked.parameters), parameters: checked.parameters };
  } catch (error) {
    if (error instanceof ProblemError) {
      throw error;
    }
    return {
      draft: impossible((error as Error).message, 'Make the target answer, then preview again.'),
      parameters: given,
    };
  }
}

/** A preview that could not be computed: it says why, and gives no token. */
function impossible(why: string, todo: string): Draft<null> {
  return {
    summary: 'What it would do cannot be told now.',
    statement: '',
    affected: emptyTable,
    preconditions: [{ name: 'The target answers', ok: false, detail: why }],
    warnings: [],
    refusal: { why, todo },
    snapshot: null,
    suggestedReason: '',
  };
}

function failedPrecondition({ preconditions }: Draft<unknown>): Preview['refusal'] {
  const failed = preconditions.find((one) => !one.ok);
  return failed
    ? { why: `${failed.name}: no. ${failed.detail}`, todo: 'See to that first, then preview again.' }
    : null;
}

function refusalFor(
  desk: ActionDesk,
  person: Person,
  action: Action,
  target: Target,
  holds: readonly Hold[]
): Preview['refusal'] {
  const denied = desk.policy.denies(person, 'run', action.id, target);
  if (denied) {
    return { why: denied, todo: 'Let somebody run it whom the policy lets.' };
  }
  const hold = holds.find((one) => one.asks === 'wait');
  return hold ? { why: hold.why, todo: 'Wait for it to end, then preview again.' } : null;
}

/** Keeps what was shown under its token's hash, audits it, and forgets what nobody can run any more: in one transaction. */
async function keep(
  desk: ActionDesk,
  person: Person,
  preview: Preview,
  snapshot: unknown,
  { fingerprint, rollbackOf }: PreviewRequest,
  alert: IncidentOfAlert | null
): Promise<{ token: string; expiresAt: string }> {
  const token = randomBytes(32).toString('base64url');
  const { actionId, target, parameters, approval, approvers, affected } = preview;
  const expiresAt = await inTransaction(desk.store, async (client) => {
    await client.query(`DELETE FROM previews WHERE expires_at < clock_timestamp() - interval '1 day'`);
    const { rows } = await client.query(
      `INSERT INTO previews (token_hash, person, action_id, target_kind, target_name, parameters, snapshot, approval,
         fingerprint, alert_name, alert_labels, incident_id, rollback_of, approvers, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, clock_timestamp() + make_interval(secs => $15))
       RETURNING expires_at`,
      [
        hashToken(token),
        person.login,
        actionId,
        target.kind,
        target.name,
        JSON.stringify(parameters),
        JSON.stringify(snapshot),
        approval,
        fingerprint,
        alert?.alertName ?? null,
        alert ? JSON.stringify(alert.labels) : null,
        alert?.open ? alert.id : null,
        rollbackOf,
        JSON.stringify(approvers),
        tokenLivesMs / 1000,
      ]
    );
    const data = { target: target.name, parameters, fingerprint, approval, rollbackOf, affected: affected.total };
    await recordAudit(client, { actor: person.login, kind: 'preview.made', subject: actionId, data });
    return rows[0].expires_at as Date;
  });
  return { token, expiresAt: expiresAt.toISOString() };
}
