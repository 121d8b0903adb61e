import type { AuditEvent } from '@dfr-ops/contracts';
import type { Queryable } from '../store/pool.ts';

export interface AuditFilter {
  /** Only entries after this seq. */
  after: number;
  from?: Date | undefined;
  /** Up to and without this instant. */
  to?: Date | undefined;
  actor?: string | undefined;
  /** `run.accepted`, or with a star at its end `run.*`. */
  kind?: string | undefined;
  subject?: string | undefined;
}

/** Entries after `filter.after`, in the order of their seq. */
export async function readAudit(db: Queryable, filter: AuditFilter, limit: number): Promise<AuditEvent[]> {
  const { after, from, to, actor, kind, subject } = filter;
  const { rows } = await db.query(
    `SELECT e.*, l.previous_hash, l.hash FROM audit_events e LEFT JOIN audit_links l USING (seq)
      WHERE e.seq > $1 AND ($2::timestamptz IS NULL OR e.at >= $2) AND ($3::timestamptz IS NULL OR e.at < $3)
        AND ($4::text IS NULL OR e.actor = $4) AND ($5::text IS NULL OR e.kind = $5 OR (right($5, 1) = '*' AND starts_with(e.kind, left($5, -1))))
        AND ($6::text IS NULL OR e.subject = $6)
      ORDER BY e.seq LIMIT $7`,
    [after, from ?? null, to ?? null, actor ?? null, kind ?? null, subject ?? null, limit]
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
