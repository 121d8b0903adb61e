import type { Acknowledgement, Incident, Labels } from '@dfr-ops/contracts';
import { standingOf } from './responseTargets.ts';

/** A row of `incidents` with its acknowledgement that holds now. */
export type IncidentRow = {
  id: string;
  fingerprint: string;
  alert_name: string;
  labels: Labels;
  annotations: Labels;
  origin: 'prometheus' | 'alertmanager';
  state: Incident['state'];
  opened_at: Date;
  firing_at: Date | null;
  normal_at: Date | null;
  resolved_at: Date | null;
  first_value: number | null;
  last_value: number | null;
  last_seen_at: Date;
  expected_end: Date | null;
  silenced_by: string[];
  previous_id: string | null;
  next_id: string | null;
  dropped: boolean;
  resolved_mail_to: string[] | null;
  resolved_sms: boolean | null;
  acknowledge_seconds: number | null;
  resolve_seconds: number | null;
  escalation_level: number;
  first_acknowledged_at: Date | null;
  acknowledged: { by: string; at: string; until: string; comment: string } | null;
};

/** To be selected beside `incidents.*`; times as ISO text, since they lie within JSON. */
export const ACKNOWLEDGED = `(
  SELECT json_build_object('by', a.by, 'at', a.at, 'until', a.until, 'comment', a.comment)
  FROM acknowledgements a WHERE a.incident_id = incidents.id AND a.ended_at IS NULL AND a.until > clock_timestamp()
  ORDER BY a.seq DESC LIMIT 1) AS acknowledged,
  (SELECT min(a.at) FROM acknowledgements a WHERE a.incident_id = incidents.id) AS first_acknowledged_at`;

export function acknowledgementOf(row: IncidentRow): Acknowledgement | null {
  const given = row.acknowledged;
  return given && { ...given, at: new Date(given.at).toISOString(), until: new Date(given.until).toISOString() };
}

/** A row as it goes over the wire; `now`: what the times that are left count from. */
export function incidentOfRow(row: IncidentRow, now = new Date()): Incident {
  const instant = (value: Date | null) => value?.toISOString() ?? null;
  const severity = row.labels.severity ?? 'none';
  return {
    id: row.id,
    fingerprint: row.fingerprint,
    alertName: row.alert_name,
    labels: row.labels,
    annotations: row.annotations,
    severity,
    service: row.labels.service ?? 'unknown',
    state: row.state,
    openedAt: row.opened_at.toISOString(),
    firingAt: instant(row.firing_at),
    normalAt: instant(row.normal_at),
    resolvedAt: instant(row.resolved_at),
    firstValue: row.first_value,
    lastValue: row.last_value,
    acknowledged: acknowledgementOf(row),
    previousId: row.previous_id,
    nextId: row.next_id,
    silencedBy: row.silenced_by,
    acknowledgedAt: instant(row.first_acknowledged_at),
    ...standingOf(row, now),
  };
}
