import type { IncidentState } from '@dfr-ops/contracts';
import type { IncidentOfAlert } from '../deps.ts';
import { type LabelFilterValues, labelParameters } from '../store/labelFilter.ts';
import type { Queryable } from '../store/pool.ts';
import { ACKNOWLEDGED, type IncidentRow } from './incidentRow.ts';

export async function openIncidents(db: Queryable): Promise<IncidentRow[]> {
  const { rows } = await db.query(
    `SELECT incidents.*, ${ACKNOWLEDGED} FROM incidents WHERE resolved_at IS NULL ORDER BY opened_at`
  );
  return rows;
}

export async function incidentById(db: Queryable, id: string): Promise<IncidentRow | null> {
  const { rows } = await db.query(`SELECT incidents.*, ${ACKNOWLEDGED} FROM incidents WHERE id = $1`, [id]);
  return rows[0] ?? null;
}

/** The newest incident of a fingerprint, open or closed, without the pending ones that were dropped. */
export async function newestIncident(db: Queryable, fingerprint: string): Promise<IncidentRow | null> {
  const { rows } = await db.query(
    `SELECT incidents.*, ${ACKNOWLEDGED} FROM incidents WHERE fingerprint = $1 AND NOT dropped
     ORDER BY (resolved_at IS NULL) DESC, opened_at DESC LIMIT 1`,
    [fingerprint]
  );
  return rows[0] ?? null;
}

export async function findIncidentByFingerprint(db: Queryable, fingerprint: string): Promise<IncidentOfAlert | null> {
  const row = await newestIncident(db, fingerprint);
  return (
    row && {
      id: row.id,
      alertName: row.alert_name,
      labels: row.labels,
      annotations: row.annotations,
      open: row.resolved_at === null,
    }
  );
}

export type IncidentFilter = LabelFilterValues & {
  state: 'open' | 'resolved' | 'all';
  fingerprint?: string | undefined;
  limit: number;
};

/** Newest first. */
export async function listIncidents(db: Queryable, filter: IncidentFilter): Promise<IncidentRow[]> {
  const { state, fingerprint, limit } = filter;
  const closed: IncidentState = 'resolved';
  const { rows } = await db.query(
    `SELECT incidents.*, ${ACKNOWLEDGED} FROM incidents
     WHERE NOT dropped AND ($1::text IS NULL OR fingerprint = $1)
       AND ($2 = 'all' OR (state = $4) = ($2 = 'resolved'))
       AND ($5::text[] IS NULL OR labels ->> 'country' = ANY ($5)) AND ($6::text[] IS NULL OR labels ->> 'env' = ANY ($6))
       AND ($7::text[] IS NULL OR labels ->> 'service' = ANY ($7))
     ORDER BY opened_at DESC LIMIT $3`,
    [fingerprint ?? null, state, limit, closed, ...labelParameters(filter)]
  );
  return rows;
}

/** Incidents that fired and were going on at any time between two instants, oldest first, 500 at most: for annotations. */
export async function incidentsBetween(db: Queryable, from: Date, to: Date): Promise<IncidentRow[]> {
  const { rows } = await db.query(
    `SELECT incidents.*, ${ACKNOWLEDGED} FROM incidents
     WHERE NOT dropped AND firing_at <= $2 AND coalesce(resolved_at, 'infinity') >= $1 ORDER BY firing_at LIMIT 500`,
    [from, to]
  );
  return rows;
}
