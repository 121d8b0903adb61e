import type { Queryable } from '../store/pool.ts';

/**
 * Books with every notice that one SMS told of what became of that SMS: their incidents' timelines say it, and who was told is
 * told of the end. `outcome` as for a single one.
 */
export async function bookDigest(
  db: Queryable,
  digestId: number,
  outcome: 'accepted' | 'delivered' | 'failed',
  at: Date,
  text: string
): Promise<void> {
  await db.query(
    `INSERT INTO moments (incident_id, kind, key, at, source, text)
     SELECT incident_id, CASE WHEN kind = 'sms_resolved' THEN 'resolved_' ELSE '' END || 'sms_' || $2, reference, $3, 'sms provider', $4
     FROM notices WHERE digest_id = $1 AND incident_id IS NOT NULL
     ON CONFLICT (incident_id, kind, key) DO NOTHING`,
    [digestId, outcome, at, text]
  );
  await db.query(
    `UPDATE notices SET state = $2, accepted_at = CASE WHEN $2 = 'accepted' THEN $3 ELSE accepted_at END,
       delivered_at = CASE WHEN $2 = 'delivered' THEN $3 ELSE delivered_at END
     WHERE digest_id = $1 AND state <> 'dropped'`,
    [digestId, outcome, at]
  );
}
