import type { AuditEvent } from '@dfr-ops/contracts';
import type { Queryable } from '../store/pool.ts';

/** Entries after `seq`, in the order of their seq. */
export async function readAudit(db: Queryable, seq: number, limit: number): Promise<AuditEvent[]> {
  const { rows } = await db.query(
    `SELECT e.*, l.previous_hash, l.hash FROM audit_events e LEFT JOIN audit_links l USING (seq)
      WHERE e.seq > $1 ORDER BY e.seq LIMIT $2`,
    [seq, limit]
  );
  return rows.map((row) => ({
    seq: row.seq,
    at: row.at.toISOString(),
    actor: row.actor,
    kind: row.kind,
    subject: row.subject,
    data: row.data,
    previousHash: row.previous_hash,
    hash: row.hash,
  }));
}
