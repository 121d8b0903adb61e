import type { Run, RunEvent } from '@dfr-ops/contracts';
import { type LabelFilterValues, labelParameters } from '../store/labelFilter.ts';
import type { Queryable } from '../store/pool.ts';
import { runOfRow } from './runRow.ts';

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

export interface RunFilter extends LabelFilterValues {
  limit: number;
  actionId?: string | undefined;
  incidentId?: string | undefined;
  fingerprint?: string | undefined;
}

/** The newest runs first. One that was made without an alert is of the whole installation: it fits every country and env, but no service. */
export async function newestRuns(db: Queryable, filter: RunFilter): Promise<Run[]> {
  const { rows } = await db.query(
    `SELECT * FROM runs
      WHERE ($2::text IS NULL OR action_id = $2) AND ($3::text IS NULL OR incident_id = $3)
        AND ($4::text IS NULL OR fingerprint = $4)
        AND ($5::text[] IS NULL OR alert_labels IS NULL OR alert_labels ->> 'country' = ANY ($5))
        AND ($6::text[] IS NULL OR alert_labels IS NULL OR alert_labels ->> 'env' = ANY ($6))
        AND ($7::text[] IS NULL OR alert_labels ->> 'service' = ANY ($7))
      ORDER BY created_at DESC LIMIT $1`,
    [
      filter.limit,
      filter.actionId ?? null,
      filter.incidentId ?? null,
      filter.fingerprint ?? null,
      ...labelParameters(filter),
    ]
  );
  return rows.map(runOfRow);
}

export async function findRun(db: Queryable, id: string): Promise<Run | null> {
  const { rows } = await db.query('SELECT * FROM runs WHERE id = $1', [id]);
  return rows[0] ? runOfRow(rows[0]) : null;
}

/** What events did not say yet that were written before it was kept. */
const unknownThen = {
  rollbackOf: null,
  approval: {
    asked: 'none',
    approvers: { users: [], roles: [] },
    until: null,
    approvedBy: null,
    overriddenBy: null,
  },
  cancellable: false,
  cancelRequestedBy: null,
};

/** Events of a run after `seq`, in order, 500 at most. */
export async function eventsAfter(db: Queryable, runId: string, seq: number): Promise<RunEvent[]> {
  const { rows } = await db.query(
    'SELECT seq, at, kind, text, run FROM run_events WHERE run_id = $1 AND seq > $2 ORDER BY seq LIMIT 500',
    [runId, seq]
  );
  return rows.map((row) => ({
    runId,
    seq: row.seq,
    at: row.at.toISOString(),
    kind: row.kind,
    text: row.text,
    run: { ...unknownThen, ...row.run },
  }));
}
