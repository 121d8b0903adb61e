import { createHash } from 'node:crypto';
import type { Queryable } from '../store/pool.ts';

/** Hash that the first entry follows. */
export const genesis = '0'.repeat(64);
/** Advisory lock of whoever writes the chain or shortens it: one chainer across all replicas. */
export const chainLock = 7_262_024;

/** An entry as text, and as PostgreSQL writes it: what is hashed must come out the same at every reading. */
export interface ChainEntry {
  seq: number;
  /** UTC with microseconds. */
  at: string;
  actor: string;
  kind: string;
  subject: string;
  /** JSON. */
  data: string;
}

/** An entry with its place in the chain. */
export interface ChainLink extends ChainEntry {
  position: number;
  previousHash: string;
  hash: string;
}

export const entryColumns = `e.seq, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, e.actor, e.kind, e.subject, e.data::text AS data`;

/** SHA-256 over the hash before it and every field of the entry, hex. */
export function hashOf(previous: string, { seq, at, actor, kind, subject, data }: ChainEntry): string {
  return createHash('sha256')
    .update(JSON.stringify([previous, seq, at, actor, kind, subject, data]))
    .digest('hex');
}

export interface ChainHead {
  position: number;
  hash: string;
}

/** The newest link, or where the newest sealed segment ended. */
export async function readHead(db: Queryable): Promise<ChainHead> {
  const { rows } = await db.query<ChainHead>(
    `(SELECT position, hash FROM audit_links ORDER BY position DESC LIMIT 1) UNION ALL
     (SELECT last_position, last_hash FROM audit_segments ORDER BY number DESC LIMIT 1) ORDER BY 1 DESC LIMIT 1`
  );
  return rows[0] ?? { position: 0, hash: genesis };
}
