import type { Alert, AlertsAnswer, SourceHealth } from '@dfr-ops/contracts';


/** ISO instant `seconds` before the present of the test. */
export function ago(seconds: number, now = Date.now()): string {
  return new Date(now - seconds * 1000).toISOString();
}

export function buildAlert(changes: Partial<Alert> = {}): Alert {
  return {
    fingerprint: '00c0ffee00c0ffee',
    name: 'PostgresTooManyConnections',
    labels: { alertname: 'PostgresTooManyConnections', severity: 'warning', service: 'postgresql', country: 'sl', env: 'prod', instance: 'dfr_postgres_prod' },
    annotations: {
      summary: 'PostgreSQL has 87 % of its connections in use',
      log_query: '{service="postgresql"}',
      signal_query: 'pg_connections_ratio',
      signal_threshold: '80',
      signal_comparison: '>',
      signal_unit: 'percent',
    },
    state: 'firing',
    activeAt: ago(240),
    startsAt: ago(180),
    value: 87.25,
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

export function buildSource(changes: Partial<SourceHealth> = {}): SourceHealth {
  return { name: 'Prometheus', kind: 'prometheus', ok: true, error: null, checkedAt: ago(1), ...changes };
}

export function buildAlertsAnswer(alerts: Alert[], changes: Partial<AlertsAnswer> = {}): AlertsAnswer {
  return {
    at: ago(0),
    alerts,
    omitted: 0,
    sources: [buildSource(), buildSource({ name: 'Alertmanager', kind: 'alertmanager' })],
    ...changes,
  };
}
