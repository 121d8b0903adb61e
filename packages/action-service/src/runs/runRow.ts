import type {
  AlertVerdict,
  Approval,
  Approvers,
  EffectVerdict,
  Labels,
  Risk,
  Run,
  RunState,
  Target,
} from '@dfr-ops/contracts';
import type { Parameters } from '../actions/action.ts';

/** A row of `runs`; see store/migrations/0002_runs.sql and 0003_approvals.sql. */
export interface RunRow {
  id: string;
  token_hash: string;
  body_hash: string;
  action_id: string;
  title: string;
  target_kind: Target['kind'];
  target_name: string;
  risk: Risk;
  lock: 'shared' | 'exclusive' | 'none';
  parameters: Parameters;
  snapshot: unknown;
  reason: string;
  requested_by: string;
  state: RunState;
  effect: EffectVerdict;
  alert: AlertVerdict;
  next_step: string | null;
  outcome: string;
  fingerprint: string | null;
  alert_name: string | null;
  alert_labels: Labels | null;
  incident_id: string | null;
  rollback: string | null;
  created_at: Date;
  started_at: Date | null;
  acted_at: Date | null;
  finished_at: Date | null;
  last_seq: number;
  approval: Approval;
  approved_by: string | null;
  approve_until: Date | null;
  worker: number | null;
  approvers: Approvers;
  overridden_by: string | null;
  rollback_of: string | null;
  cancellable: boolean;
  cancel_by: string | null;
}

/** A row of `runs` as it goes over the wire. */
export function runOfRow(row: RunRow): Run {
  return {
    id: row.id,
    actionId: row.action_id,
    title: row.title,
    target: { kind: row.target_kind, name: row.target_name },
    risk: row.risk,
    parameters: row.parameters,
    reason: row.reason,
    requestedBy: row.requested_by,
    state: row.state,
    effect: row.effect,
    alert: row.alert,
    nextStep: row.next_step,
    outcome: row.outcome,
    fingerprint: row.fingerprint,
    alertName: row.alert_name,
    alertLabels: row.alert_labels,
    incidentId: row.incident_id,
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    actedAt: row.acted_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
    rollback: row.rollback,
    rollbackOf: row.rollback_of,
    approval: {
      asked: row.approval,
      approvers: row.approvers,
      until: row.state === 'awaiting_approval' ? (row.approve_until?.toISOString() ?? null) : null,
      approvedBy: row.approved_by,
      overriddenBy: row.overridden_by,
    },
    cancellable: row.cancellable,
    cancelRequestedBy: row.cancel_by,
  };
}
