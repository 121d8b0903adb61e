import type { Observation } from '../alerts/observe.ts';
import type { Queryable } from '../store/pool.ts';
import type { IncidentRow } from './incidentRow.ts';

/** Keeps what was seen of every active incident in one statement: value, time, annotations, silences. */
export async function rememberSeen(
  db: Queryable,
  { at, prometheus, alertmanagers }: Observation,
  open: IncidentRow[]
): Promise<void> {
  const seen = open.flatMap((row) => {
    const active = prometheus.ok ? prometheus.active.get(row.fingerprint) : undefined;
    const received = alertmanagers.alerts.get(row.fingerprint);
    if (row.normal_at || (!active && !received)) {
      return [];
    }
    // Alertmanager repeats what it was told minutes ago: for a rule that we can ask, only Prometheus's word is seeing.
    const seenAt = active ? active.rule.lastEvaluation : row.origin === 'alertmanager' ? at : null;
    return [
      {
        id: row.id,
        value: active?.value ?? null,
        seen_at: seenAt === null ? null : new Date(seenAt).toISOString(),
        annotations: active?.annotations ?? null,
        expected_end: received ? new Date(received.endsAt).toISOString() : null,
        silenced_by: received?.silencedBy ?? row.silenced_by,
      },
    ];
  });
  if (seen.length === 0) {
    return;
  }
  await db.query(
    `UPDATE incidents SET last_value = coalesce(s.value, last_value), last_seen_at = greatest(last_seen_at, s.seen_at),
       annotations = coalesce(s.annotations, incidents.annotations), expected_end = coalesce(s.expected_end, incidents.expected_end),
       silenced_by = s.silenced_by
     FROM jsonb_to_recordset($1) AS s(id text, value double precision, seen_at timestamptz, annotations jsonb, expected_end timestamptz, silenced_by text[])
     WHERE incidents.id = s.id`,
    [JSON.stringify(seen)]
  );
}
