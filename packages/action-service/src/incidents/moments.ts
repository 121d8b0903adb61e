import type { TimelineEvent } from '@dfr-ops/contracts';
import type { Moment } from '../deps.ts';
import type { Queryable } from '../store/pool.ts';

/**
 * Writes a moment of an incident. The same moment twice is one: kinds that happen once are known by their kind, those of a
 * run by the run, others by `key`. Answers whether it was new.
 */
export async function recordMoment(
  db: Queryable,
  incidentId: string,
  moment: Moment & { key?: string }
): Promise<boolean> {
  const { kind, at, source, text, runId } = moment;
  const written = await db.query(
    `INSERT INTO moments (incident_id, kind, key, at, source, text, run_id) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (incident_id, kind, key) DO NOTHING`,
    [incidentId, kind, moment.key ?? runId ?? '', at, source, text, runId]
  );
  return written.rowCount === 1;
}

/** Sets the time of a moment that happens once, when the source that knows it best tells it later. */
export async function correctMoment(
  db: Queryable,
  incidentId: string,
  kind: Moment['kind'],
  at: Date,
  source: string
): Promise<void> {
  await db.query(`UPDATE moments SET at = $3, source = $4 WHERE incident_id = $1 AND kind = $2 AND key = ''`, [
    incidentId,
    kind,
    at,
    source,
  ]);
}

/** The timeline of an incident, oldest first. */
export async function momentsOf(db: Queryable, incidentId: string): Promise<TimelineEvent[]> {
  const { rows } = await db.query('SELECT * FROM moments WHERE incident_id = $1 ORDER BY at, seq', [incidentId]);
  return rows.map((row) => ({
    at: row.at.toISOString(),
    kind: row.kind,
    source: row.source,
    text: row.text,
    runId: row.run_id,
  }));
}
