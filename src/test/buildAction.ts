import type { ActionsAnswer, OfferedAction, ParameterSpec, Preview, Run, RunEvent } from '@dfr-ops/contracts';
import { ago } from './buildAlert';

export function buildParameter(changes: Partial<ParameterSpec> = {}): ParameterSpec {
  return {
    name: 'minIdleSeconds',
    title: 'Idle for at least',
    description: 'Sessions idle for less are left alone.',
    type: 'integer',
    required: true,
    default: 60,
    min: 60,
    max: 3600,
    unit: 's',
    choices: [],
    ...changes,
  };
}

export function buildAction(changes: Partial<OfferedAction> = {}): OfferedAction {
  return {
    id: 'postgres.terminate-idle',
    title: 'End idle sessions',
    description: 'Ends sessions that have been idle for long.',
    target: { kind: 'postgresql', name: 'dfr_postgres_prod' },
    risk: 'medium',
    parameters: [buildParameter()],
    alerts: ['PostgresTooManyConnections'],
    fit: { fits: true, why: 'It frees connections, which PostgresTooManyConnections lacks.' },
    rollback: null,
    rollbackNote: 'Ended sessions cannot be brought back; clients connect anew.',
    deadlineSeconds: 30,
    cooldownSeconds: 60,
    lock: 'shared',
    unavailable: null,
    holds: [],
    approval: 'none',
    approvers: { users: [], roles: [] },
    cancellable: false,
    ...changes,
  };
}

export function buildActionsAnswer(actions: OfferedAction[], changes: Partial<ActionsAnswer> = {}): ActionsAnswer {
  return { at: ago(0), actions, frozen: null, freeze: null, ...changes };
}

export function buildPreview(changes: Partial<Preview> = {}): Preview {
  return {
    token: 'token-1',
    expiresAt: ago(-300),
    refusal: null,
    actionId: 'postgres.terminate-idle',
    title: 'End idle sessions',
    target: { kind: 'postgresql', name: 'dfr_postgres_prod' },
    parameters: { minIdleSeconds: 60 },
    summary: 'Would end 2 sessions, the oldest idle for 42 min',
    statement: 'SELECT * FROM dfr_ops.terminate_idle($1, $2)',
    affected: {
      columns: ['pid', 'user', 'application', 'idle for'],
      rows: [
        ['4711', 'odoo', 'leaky-report', '42 min'],
        ['4712', 'odoo', 'leaky-report', '40 min'],
      ],
      total: 2,
    },
    preconditions: [{ name: 'PostgreSQL answers', ok: true, detail: 'in 3 ms' }],
    warnings: [],
    risk: 'medium',
    approval: 'none',
    approvers: { users: [], roles: [] },
    mayOverride: false,
    suggestedReason: 'PostgresTooManyConnections: 87 % of connections in use',
    ...changes,
  };
}

export function buildRun(changes: Partial<Run> = {}): Run {
  return {
    id: 'run-1',
    actionId: 'postgres.terminate-idle',
    title: 'End idle sessions',
    target: { kind: 'postgresql', name: 'dfr_postgres_prod' },
    risk: 'medium',
    parameters: { minIdleSeconds: 60 },
    reason: 'PostgresTooManyConnections: 87 % of connections in use',
    requestedBy: 'admin',
    state: 'queued',
    effect: { state: 'pending', detail: '' },
    alert: { state: 'pending', since: null, freshSamples: 0, detail: '' },
    nextStep: null,
    outcome: '',
    fingerprint: '00c0ffee00c0ffee',
    alertName: 'PostgresTooManyConnections',
    alertLabels: { alertname: 'PostgresTooManyConnections' },
    incidentId: null,
    createdAt: ago(1),
    startedAt: null,
    actedAt: null,
    finishedAt: null,
    rollback: null,
    rollbackOf: null,
    approval: { asked: 'none', approvers: { users: [], roles: [] }, until: null, approvedBy: null, overriddenBy: null },
    cancellable: false,
    cancelRequestedBy: null,
    ...changes,
  };
}

export function buildEvent(seq: number, run: Run, changes: Partial<RunEvent> = {}): RunEvent {
  return { runId: run.id, seq, at: ago(0), kind: 'state', text: `now ${run.state}`, run, ...changes };
}
