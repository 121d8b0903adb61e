import type { Run } from '@dfr-ops/contracts';
import type { Queryable } from '../store/pool.ts';

/** Runs that were made for an incident, oldest first. */
export async function runsOfIncident(db: Queryable, incidentId: string): Promise<Run[]> {
  const { rows } = await db.query('SELECT * FROM runs WHERE incident_id = $1 ORDER BY created_at', [incidentId]);
  return rows.map(runOfRow);
}

/** Runs that were going on at any time between two instants, oldest first, 500 at most: for annotations. */
export async function runsBetween(db: Queryable, from: Date, to: Date): Promise<Run[]> {
  const { rows } = await db.query(
    `SELECT * FROM runs WHERE created_at <= $2 AND coalesce(finished_at, 'infinity') >= $1 ORDER BY created_at LIMIT 500`,
    [from, to]
  );
  return rows.map(runOfRow);
}

/** A row of `runs` as it goes over the wire. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- pg gives rows without types
export function runOfRow(row: any): Run {
  const instant = (value: Date | null) => (value ? value.toISOString() : null);
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
    startedAt: instant(row.started_at),
    actedAt: instant(row.acted_at),
    finishedAt: instant(row.finished_at),
    rollback: row.rollback,
  };
}
