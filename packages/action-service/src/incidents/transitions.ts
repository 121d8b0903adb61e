import { randomBytes } from 'node:crypto';
import type { Labels } from '@dfr-ops/contracts';
import type { Queryable } from '../store/pool.ts';
import { valueInWords } from '../notices/formatValue.ts';
import { ACKNOWLEDGED, type IncidentRow } from './incidentRow.ts';
import { recordMoment } from './moments.ts';

/** Every step of an incident's life, each inside the caller's transaction and harmless when made twice. */

export type Breach = {
  fingerprint: string;
  labels: Labels;
  annotations: Labels;
  origin: IncidentRow['origin'];
  openedAt: Date;
  lastSeenAt: Date;
  value: number | null;
};

/** Opens a new incident for a breach and names the one before it. Null when one is open already. */
export async function openIncident(db: Queryable, breach: Breach): Promise<IncidentRow | null> {
  const { rows } = await db.query(
    `INSERT INTO incidents (id, fingerprint, alert_name, labels, annotations, origin, state, opened_at, last_value, last_seen_at, previous_id)
     VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7, $8, $9,
       (SELECT id FROM incidents WHERE fingerprint = $2 AND NOT dropped ORDER BY opened_at DESC LIMIT 1))
     ON CONFLICT (fingerprint) WHERE resolved_at IS NULL DO NOTHING
     RETURNING *, ${ACKNOWLEDGED}`,
    [
      newId(),
      breach.fingerprint,
      breach.labels.alertname ?? 'unnamed alert',
      breach.labels,
      breach.annotations,
      breach.origin,
      breach.openedAt,
      breach.value,
      breach.lastSeenAt,
    ]
  );
  const row: IncidentRow | undefined = rows[0];
  if (!row) {
    return null;
  }
  if (breach.origin === 'prometheus') {
    await recordPending(db, row.id, breach.openedAt, breach.value, breach.annotations);
  }
  return row;
}

/** Prometheus turns out to have the rule of an alert that Alertmanager told of first: it knows since when it holds. */
export async function adopt(
  db: Queryable,
  row: IncidentRow,
  activeAt: Date,
  value: number | null,
  annotations: Labels
): Promise<void> {
  await db.query(
    `UPDATE incidents SET origin = 'prometheus', opened_at = least(opened_at, $2), first_value = coalesce(first_value, $3) WHERE id = $1`,
    [row.id, activeAt, value]
  );
  await recordPending(db, row.id, activeAt, value, annotations);
}

async function recordPending(
  db: Queryable,
  id: string,
  at: Date,
  value: number | null,
  annotations: Labels
): Promise<void> {
  await recordMoment(db, id, {
    kind: 'pending',
    at,
    source: 'prometheus',
    text: `The rule's condition became true${withValue(value, annotations)}.`,
    runId: null,
  });
}

/** The alert fires. Only now is the incident linked from the one before it: a pending one may go away without a word. */
export async function fire(
  db: Queryable,
  row: IncidentRow,
  at: Date,
  source: 'alertmanager' | 'prometheus',
  value: number | null
): Promise<void> {
  const changed = await db.query(
    `UPDATE incidents SET state = 'firing', firing_at = $2, first_value = $3, last_value = coalesce($3, last_value)
     WHERE id = $1 AND firing_at IS NULL AND resolved_at IS NULL`,
    [row.id, at, value]
  );
  if (changed.rowCount !== 1) {
    return;
  }
  await recordMoment(db, row.id, {
    kind: 'firing',
    at,
    source,
    text: `The alert fires${withValue(value, row.annotations)}.`,
    runId: null,
  });
  if (row.previous_id) {
    await db.query('UPDATE incidents SET next_id = $2 WHERE id = $1', [row.previous_id, row.id]);
    await recordMoment(db, row.previous_id, {
      kind: 'reopened_as',
      at: row.opened_at,
      source: 'service',
      text: `The same alert was raised again: incident ${row.id}.`,
      runId: null,
    });
  }
}

export async function loseSight(db: Queryable, row: IncidentRow, at: Date, why: string): Promise<void> {
  const changed = await db.query(
    `UPDATE incidents SET state = 'sight_lost' WHERE id = $1 AND state IN ('pending', 'firing')`,
    [row.id]
  );
  if (changed.rowCount === 1) {
    await recordMoment(db, row.id, {
      kind: 'sight_lost',
      at,
      source: 'service',
      text: `Nothing is known of it now: ${why}.`,
      runId: null,
      key: at.toISOString(),
    });
  }
}

export async function regainSight(db: Queryable, row: IncidentRow, at: Date): Promise<void> {
  const changed = await db.query(
    `UPDATE incidents SET state = CASE WHEN firing_at IS NULL THEN 'pending' ELSE 'firing' END WHERE id = $1 AND state = 'sight_lost'`,
    [row.id]
  );
  if (changed.rowCount === 1) {
    await recordMoment(db, row.id, {
      kind: 'sight_regained',
      at,
      source: 'prometheus',
      text: 'Fresh samples arrive again.',
      runId: null,
      key: at.toISOString(),
    });
  }
}

/** The metric is normal again, on fresh samples. The incident stays open until Alertmanager has dropped the alert too. */
export async function becomeNormal(
  db: Queryable,
  row: IncidentRow,
  at: Date,
  source: 'alertmanager' | 'prometheus',
  proof: string
): Promise<void> {
  const changed = await db.query(
    `UPDATE incidents SET normal_at = $2, state = CASE WHEN firing_at IS NULL THEN 'pending' ELSE 'firing' END
     WHERE id = $1 AND normal_at IS NULL AND resolved_at IS NULL`,
    [row.id, at]
  );
  if (changed.rowCount === 1) {
    await recordMoment(db, row.id, { kind: 'normal', at, source, text: `Normal again: ${proof}.`, runId: null });
  }
}

/**
 * The rule holds again before Alertmanager let the alert go: it is the same instance, so the incident goes on and its recovery
 * stays in the timeline as one that did not last.
 */
export async function relapse(db: Queryable, row: IncidentRow, at: Date): Promise<void> {
  const changed = await db.query(
    'UPDATE incidents SET normal_at = NULL WHERE id = $1 AND normal_at IS NOT NULL AND resolved_at IS NULL',
    [row.id]
  );
  if (changed.rowCount !== 1) {
    return;
  }
  await db.query(`UPDATE moments SET key = $2 WHERE incident_id = $1 AND kind = 'normal' AND key = ''`, [
    row.id,
    at.toISOString(),
  ]);
  await recordMoment(db, row.id, {
    kind: 'relapsed',
    at,
    source: 'prometheus',
    text: 'The rule holds again. Alertmanager had the alert all the time, so it is the same incident.',
    runId: null,
    key: at.toISOString(),
  });
}

/** Closes the incident. Answers the row as it then stands, or null when it was closed already. */
export async function resolve(db: Queryable, row: IncidentRow, at: Date): Promise<IncidentRow | null> {
  const { rows } = await db.query(
    `UPDATE incidents SET state = 'resolved', resolved_at = $2 WHERE id = $1 AND resolved_at IS NULL RETURNING *, ${ACKNOWLEDGED}`,
    [row.id, at]
  );
  if (rows.length === 0) {
    return null;
  }
  await recordMoment(db, row.id, {
    kind: 'resolved',
    at,
    source: 'service',
    text: 'Resolved: normal on fresh samples, and Alertmanager no longer has it.',
    runId: null,
  });
  return rows[0];
}

/** A pending alert that went away without firing: closed without a word. */
export async function drop(db: Queryable, row: IncidentRow, at: Date): Promise<void> {
  await db.query(
    `UPDATE incidents SET state = 'resolved', normal_at = coalesce(normal_at, $2), resolved_at = $2, dropped = true
     WHERE id = $1 AND resolved_at IS NULL AND firing_at IS NULL`,
    [row.id, at]
  );
}

/** Takes away dropped incidents older than a day. */
export async function forgetDropped(db: Queryable): Promise<void> {
  await db.query(`DELETE FROM incidents WHERE dropped AND resolved_at < clock_timestamp() - interval '1 day'`);
}

function newId(): string {
  return `i${randomBytes(8).readBigUInt64BE().toString(36).padStart(13, '0')}`;
}

function withValue(value: number | null, annotations: Labels): string {
  return value === null && !annotations.value ? '' : `: ${valueInWords(value, annotations)}`;
}
