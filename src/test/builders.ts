import type { Alert, Incident, IncidentDetail, OfferedAction, Run, ServiceHealth } from '@dfr-ops/contracts';

export const at = (second: number) => new Date(Date.UTC(2026, 0, 15, 10, 0, second)).toISOString();

export const signalAnnotations = {
  summary: '97 of 100 connections are taken',
  signal_query: 'dfr:postgres_connections:share{country="SL"}',
  signal_threshold: '0.8',
  signal_comparison: '>',
  signal_unit: 'percentunit',
  log_query: '{service="postgresql"} |= "FATAL"',
};

const labels = {
  alertname: 'PostgresTooManyConnections',
  severity: 'warning',
  service: 'postgresql',
  country: 'SL',
  env: 'prod',
};

export function anAlert(changes: Partial<Alert> = {}): Alert {
  return {
    fingerprint: 'aaaaaaaaaaaaaaaa',
    name: 'PostgresTooManyConnections',
    labels,
    annotations: signalAnnotations,
    state: 'firing',
    activeAt: at(0),
    startsAt: at(5),
    value: 0.97,
    silencedBy: [],
    inhibitedBy: [],
    acknowledged: null,
    incidentId: 'inc-1',
    sight: 'seen',
    receivedBy: ['alertmanager'],
    actions: ['postgres.terminate-idle'],
    ...changes,
  };
}

export function anIncident(changes: Partial<Incident> = {}): Incident {
  return {
    id: 'inc-1',
    fingerprint: 'aaaaaaaaaaaaaaaa',
    alertName: 'PostgresTooManyConnections',
    labels,
    annotations: signalAnnotations,
    severity: 'warning',
    service: 'postgresql',
    state: 'firing',
    openedAt: at(0),
    firingAt: at(5),
    normalAt: null,
    resolvedAt: null,
    firstValue: 0.91,
    lastValue: 0.97,
    acknowledged: null,
    previousId: null,
    nextId: null,
    silencedBy: [],
    acknowledgeBy: null,
    resolveBy: null,
    ...changes,
  };
}

export function anIncidentDetail(changes: Partial<IncidentDetail> = {}): IncidentDetail {
  return {
    ...anIncident(),
    timeline: [
      {
        at: at(0),
        kind: 'pending',
        source: 'prometheus',
        text: 'The share of connections rose over 80%.',
        runId: null,
      },
      { at: at(5), kind: 'firing', source: 'alertmanager', text: 'It has lasted for 5 s.', runId: null },
    ],
    runs: [],
    ...changes,
  };
}

export function aRun(changes: Partial<Run> = {}): Run {
  return {
    id: 'run-1',
    actionId: 'postgres.terminate-idle',
    title: 'End idle sessions',
    target: { kind: 'postgresql', name: 'dfr_postgres_prod' },
    risk: 'medium',
    parameters: { limit: 20 },
    reason: 'Connections are exhausted',
    requestedBy: 'editor',
    state: 'succeeded',
    effect: { state: 'confirmed', detail: '20 sessions ended.' },
    alert: { state: 'normal', since: at(40), freshSamples: 3, detail: 'Three fresh samples under 80%.' },
    nextStep: null,
    outcome: 'Ended 20 sessions; the alert is normal.',
    fingerprint: 'aaaaaaaaaaaaaaaa',
    alertName: 'PostgresTooManyConnections',
    alertLabels: labels,
    incidentId: 'inc-1',
    createdAt: at(30),
    startedAt: at(31),
    actedAt: at(32),
    finishedAt: at(45),
    rollback: null,
    ...changes,
  };
}

export function anOfferedAction(changes: Partial<OfferedAction> = {}): OfferedAction {
  return {
    id: 'postgres.terminate-idle',
    title: 'End idle sessions',
    description: 'Ends sessions that do nothing.',
    target: { kind: 'postgresql', name: 'dfr_postgres_prod' },
    risk: 'medium',
    parameters: [],
    alerts: ['PostgresTooManyConnections'],
    fit: { fits: true, why: 'It frees connections.' },
    rollback: null,
    rollbackNote: 'Clients connect again by themselves.',
    deadlineSeconds: 30,
    cooldownSeconds: 0,
    lock: 'shared',
    unavailable: null,
    ...changes,
  };
}

export function aHealth(changes: Partial<ServiceHealth> = {}): ServiceHealth {
  return {
    at: at(0),
    version: '0.1.0',
    ok: true,
    sources: [{ name: 'prometheus', kind: 'prometheus', ok: true, error: null, checkedAt: at(0) }],
    frozen: null,
    watchdogAt: at(0),
    demonstration: false,
    ...changes,
  };
}
