import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { inTransaction, type Queryable } from '../store/pool.ts';

/** Hash that the first entry follows. */
const genesis = '0'.repeat(64);
const chainLock = 7_262_024;
const everyMs = 500;
/** Entries that commit late have a seq below the newest linked one, by no more than this. */
const lateBy = 10_000;

interface Entry {
  seq: number;
  at: string;
  actor: string;
  kind: string;
  subject: string;
  data: string;
}

// As text, and as PostgreSQL writes it: what is hashed must come out the same at every reading.
const entryColumns = `e.seq, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, e.actor, e.kind, e.subject, e.data::text AS data`;

function hashOf(previous: string, { seq, at, actor, kind, subject, data }: Entry): string {
  return createHash('sha256')
    .update(JSON.stringify([previous, seq, at, actor, kind, subject, data]))
    .digest('hex');
}

/** Links the entries that have no link yet. One replica at a time; answers how many it linked. */
export async function linkAudit(pool: Pool): Promise<number> {
  return inTransaction(pool, async (client) => {
    const lock = await client.query('SELECT pg_try_advisory_xact_lock($1) AS mine', [chainLock]);
    if (!lock.rows[0].mine) {
      return 0;
    }
    const tail = await client.query('SELECT position, hash FROM audit_links ORDER BY position DESC LIMIT 1');
    const { rows } = await client.query<Entry>(
      `SELECT ${entryColumns} FROM audit_events e
        WHERE e.seq > (SELECT coalesce(max(seq), 0) - $1 FROM audit_links)
          AND NOT EXISTS (SELECT FROM audit_links l WHERE l.seq = e.seq)
        ORDER BY e.seq LIMIT 1000`,
      [lateBy]
    );
    let previous: string = tail.rows[0]?.hash ?? genesis;
    let position: number = tail.rows[0]?.position ?? 0;
    const links = rows.map((entry) => {
      const hash = hashOf(previous, entry);
      const link = { position: (position += 1), seq: entry.seq, previous_hash: previous, hash };
      previous = hash;
      return link;
    });
    await client.query(
      `INSERT INTO audit_links (position, seq, previous_hash, hash)
       SELECT position, seq, previous_hash, hash
         FROM jsonb_to_recordset($1) AS t (position bigint, seq bigint, previous_hash text, hash text)`,
      [JSON.stringify(links)]
    );
    return links.length;
  });
}

export interface ChainVerdict {
  linked: number;
  /** Entries that no link covers yet. */
  unlinked: number;
  /** Seq at which the chain breaks first; null when it is whole. */
  brokenAt: number | null;
}

/** Recomputes the whole chain. */
export async function verifyAudit(db: Queryable): Promise<ChainVerdict> {
  const { rows } = await db.query<Entry & { position: number; linked: number; previous_hash: string; hash: string }>(
    `SELECT l.position, l.seq AS linked, l.previous_hash, l.hash, ${entryColumns}
       FROM audit_links l LEFT JOIN audit_events e ON e.seq = l.seq ORDER BY l.position`
  );
  const total = await db.query('SELECT count(*)::int AS entries FROM audit_events');
  let previous = genesis;
  let brokenAt: number | null = null;
  for (const [index, row] of rows.entries()) {
    const sound = row.position === index + 1 && row.previous_hash === previous && row.hash === hashOf(previous, row);
    if (!sound) {
      brokenAt = row.linked;
      break;
    }
    previous = row.hash;
  }
  return { linked: rows.length, unlinked: total.rows[0].entries - rows.length, brokenAt };
}

/** Links within a second of an entry's commit, for as long as the process lives. */
export function startChainer(pool: Pool, log: Logger): { stop(): void } {
  let busy = false;
  const timer = setInterval(() => {
    if (busy) {
      return;
    }
    busy = true;
    linkAudit(pool)
      .catch((error: Error) => log.warn({ err: error }, 'the audit trail could not be linked'))
      .finally(() => {
        busy = false;
      });
  }, everyMs);
  return { stop: () => clearInterval(timer) };
}
