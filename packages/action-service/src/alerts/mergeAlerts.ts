import type { Alert } from '@dfr-ops/contracts';
import { acknowledgementOf, type IncidentRow } from '../incidents/incidentRow.ts';
import type { PrometheusAlert } from '../connectors/prometheus.ts';
import { alertNameOf, type Observation, type PrometheusSight, type ReceivedAlert } from './observe.ts';

type Known = {
  fingerprint: string;
  seen: PrometheusAlert | undefined;
  received: ReceivedAlert | undefined;
  incident: IncidentRow | undefined;
  lost: boolean;
};

const STRENGTH: Record<string, number> = { critical: 0, high: 1, medium: 2, warning: 3 };

/**
 * Joins what Prometheus, the Alertmanagers and our incidents say, by fingerprint; the most severe first, then the oldest.
 * `lastSight`: what Prometheus said when it last answered. What it said then stays, with sight `lost`, while it does not
 * answer: an alert never vanishes because nobody could be asked.
 */
export function mergeAlerts(observation: Observation, lastSight: PrometheusSight, incidents: IncidentRow[]): Alert[] {
  const { prometheus, alertmanagers } = observation;
  const seen: ReadonlyMap<string, PrometheusAlert> = prometheus.ok
    ? prometheus.active
    : lastSight.ok
      ? lastSight.active
      : new Map();
  const ofIncident = new Map(incidents.map((incident) => [incident.fingerprint, incident]));
  const fingerprints = new Set([
    ...seen.keys(),
    ...[...alertmanagers.alerts.values()]
      .filter((alert) => isBelieved(alert, observation, ofIncident))
      .map(({ fingerprint }) => fingerprint),
  ]);
  for (const incident of incidents) {
    if (incident.firing_at && !incident.normal_at) {
      fingerprints.add(incident.fingerprint);
    }
  }
  return [...fingerprints]
    .map((fingerprint) => {
      const incident = ofIncident.get(fingerprint);
      const lost = isLost(fingerprint, observation, incident);
      return toAlert({
        fingerprint,
        seen: seen.get(fingerprint),
        received: alertmanagers.alerts.get(fingerprint),
        incident,
        lost,
      });
    })
    .sort(bySeverityAndAge);
}

/** Alertmanager lags behind Prometheus: what Prometheus's rule no longer holds is not shown on Alertmanager's word. */
function isBelieved(alert: ReceivedAlert, { prometheus }: Observation, ofIncident: Map<string, IncidentRow>): boolean {
  const ruled = prometheus.ok && prometheus.rules.has(alertNameOf(alert.labels));
  return !ruled && !ofIncident.get(alert.fingerprint)?.normal_at;
}

function isLost(
  fingerprint: string,
  { prometheus, alertmanagers }: Observation,
  incident: IncidentRow | undefined
): boolean {
  if (incident?.state === 'sight_lost') {
    return true;
  }
  if (incident?.origin === 'alertmanager' && alertmanagers.alerts.has(fingerprint)) {
    return false;
  }
  if (!prometheus.ok) {
    return true;
  }
  return prometheus.active.get(fingerprint)?.rule.stale ?? false;
}

function toAlert({ fingerprint, seen, received, incident, lost }: Known): Alert {
  const labels = seen?.labels ?? received?.labels ?? incident!.labels;
  const annotations = seen?.annotations ?? received?.annotations ?? incident!.annotations;
  const firing = received !== undefined || seen?.state === 'firing' || incident?.firing_at != null;
  const openedAt = seen?.activeAt ?? (incident?.origin === 'prometheus' ? incident.opened_at.getTime() : null);
  const startsAt = firing ? (incident?.firing_at?.getTime() ?? received?.startsAt ?? null) : null;
  return {
    fingerprint,
    name: alertNameOf(labels),
    labels,
    annotations,
    state: firing ? 'firing' : 'pending',
    activeAt: instant(openedAt),
    startsAt: instant(startsAt),
    value: seen?.value ?? incident?.last_value ?? null,
    silencedBy: received?.silencedBy ?? [],
    inhibitedBy: received?.inhibitedBy ?? [],
    acknowledged: incident ? acknowledgementOf(incident) : null,
    incidentId: incident?.id ?? null,
    sight: lost ? 'lost' : 'seen',
    receivedBy: received?.receivedBy ?? [],
    actions: actionsOf(annotations.actions),
  };
}

function actionsOf(list: string | undefined): string[] {
  return (list ?? '').split(',').map((id) => id.trim()).filter(Boolean); // prettier-ignore
}

function instant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

function bySeverityAndAge(a: Alert, b: Alert): number {
  const strength = (alert: Alert) => STRENGTH[alert.labels.severity ?? ''] ?? 4;
  const age = (alert: Alert) => alert.activeAt ?? alert.startsAt ?? '';
  // Instants and fingerprints are plain ASCII; comparing them by locale takes fifty times as long.
  const order = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
  return strength(a) - strength(b) || order(age(a), age(b)) || order(a.fingerprint, b.fingerprint);
}
