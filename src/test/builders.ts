import type { Alert, Incident, IncidentDetail, OfferedAction, Run, ServiceHealth } from '@dfr-ops/contracts';
import { buildAction, buildRun } from './buildAction';
import { buildAlert } from './buildAlert';

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

/** The alert of {@link anIncident}, at fixed instants. */
export function anAlert(changes: Partial<Alert> = {}): Alert {
  return buildAlert({
    fingerprint: 'aaaaaaaaaaaaaaaa',
    labels,
    annotations: signalAnnotations,
    activeAt: at(0),
    startsAt: at(5),
    value: 0.97,
    ...changes,
  });
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
    acknowledgedAt: null,
    acknowledgeBy: null,
    resolveBy: null,
    acknowledgeLeftSeconds: null,
    resolveLeftSeconds: null,
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

/** A run that helped {@link anIncident}, at fixed instants. */
export function aRun(changes: Partial<Run> = {}): Run {
  return buildRun({
    parameters: { limit: 20 },
    reason: 'Connections are exhausted',
    requestedBy: 'editor',
    state: 'succeeded',
    effect: { state: 'confirmed', detail: '20 sessions ended.' },
    alert: { state: 'normal', since: at(40), freshSamples: 3, detail: 'Three fresh samples under 80%.' },
    outcome: 'Ended 20 sessions; the alert is normal.',
    fingerprint: 'aaaaaaaaaaaaaaaa',
    alertLabels: labels,
    incidentId: 'inc-1',
    createdAt: at(30),
    startedAt: at(31),
    actedAt: at(32),
    finishedAt: at(45),
    ...changes,
  });
}

/** An action without parameters. */
export function anOfferedAction(changes: Partial<OfferedAction> = {}): OfferedAction {
  return buildAction({
    description: 'Ends sessions that do nothing.',
    parameters: [],
    fit: { fits: true, why: 'It frees connections.' },
    rollbackNote: 'Clients connect again by themselves.',
    cooldownSeconds: 0,
    ...changes,
  });
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
