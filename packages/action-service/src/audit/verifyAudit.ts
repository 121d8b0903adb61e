import type { Pool } from 'pg';
import { inTransaction, type Queryable } from '../store/pool.ts';
import { entryColumns, genesis, hashOf, type ChainHead, type ChainLink } from './chain.ts';

export interface BrokenLink {
  position: number;
  /** Null where the link itself is missing. */
  seq: number | null;
  /** A sentence. */
  why: string;
}

/** Entries that no link covers. */
export interface UnlinkedTail {
  entries: number;
  firstSeq: number;
  lastSeq: number;
  /** Age of the oldest, in seconds; it should be below one. */
  oldestSeconds: number;
}

export interface ChainVerdict {
  /** Links that were recomputed. */
  linked: number;
  /** Entries in sealed segments, and how many segments there are. */
  sealed: number;
  segments: number;
  /** Where the chain ends: worth writing down elsewhere, since who owns the store could shorten it. */
  head: ChainHead;
  /** The first one; null when the chain is whole. */
  broken: BrokenLink | null;
  unlinked: UnlinkedTail | null;
}

type Row = ChainLink & { entry: number | null };
const batch = 2000;

/** Recomputes the whole chain: from the newest sealed segment on, after the segments themselves. One snapshot, in batches. */
export async function verifyAudit(pool: Pool): Promise<ChainVerdict> {
  return inTransaction(pool, async (client) => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    const segments = await verifySegments(client);
    const links = segments.broken
      ? { linked: 0, head: segments.head, broken: null }
      : await verifyLinks(client, segments.head);
    return {
      linked: links.linked,
      sealed: segments.sealed,
      segments: segments.segments,
      head: links.head,
      broken: segments.broken ?? links.broken,
      unlinked: await readUnlinked(client),
    };
  });
}

async function verifySegments(db: Queryable) {
  const { rows } = await db.query('SELECT * FROM audit_segments ORDER BY number');
  let head: ChainHead = { position: 0, hash: genesis };
  let broken: BrokenLink | null = null;
  for (const [index, row] of rows.entries()) {
    if (row.number !== index + 1 || row.first_position !== head.position + 1 || row.previous_hash !== head.hash) {
      const why = `The sealed segment ${row.number} does not go on where the one before it ended.`;
      broken = { position: row.first_position, seq: null, why };
      break;
    }
    head = { position: row.last_position, hash: row.last_hash };
  }
  return { segments: rows.length, sealed: head.position, head, broken };
}

async function verifyLinks(db: Queryable, from: ChainHead) {
  let head = from;
  let linked = 0;
  for (;;) {
    const { rows } = await db.query<Row>(
      `SELECT l.position, l.seq AS seq, l.previous_hash AS "previousHash", l.hash, e.seq AS entry,
              ${entryColumns.replace('e.seq, ', '')}
         FROM audit_links l LEFT JOIN audit_events e ON e.seq = l.seq
        WHERE l.position > $1 ORDER BY l.position LIMIT $2`,
      [head.position, batch]
    );
    for (const row of rows) {
      const why = faultOf(row, head);
      if (why !== null) {
        return { linked, head, broken: { position: row.position, seq: row.seq, why } };
      }
      head = { position: row.position, hash: row.hash };
      linked += 1;
    }
    if (rows.length < batch) {
      // A link from before the segments' end would have been skipped by the condition above.
      return { linked, head, broken: await strayLink(db, from) };
    }
  }
}

function faultOf(row: Row, head: ChainHead): string | null {
  if (row.position !== head.position + 1) {
    return `The link ${head.position + 1} before it is gone.`;
  }
  if (row.entry === null) {
    return 'Its entry is gone.';
  }
  if (row.previousHash !== head.hash) {
    return 'It does not follow the link before it.';
  }
  return row.hash === hashOf(head.hash, row) ? null : 'Its entry is not what was linked: it was changed.';
}

async function strayLink(db: Queryable, from: ChainHead): Promise<BrokenLink | null> {
  const { rows } = await db.query('SELECT position, seq FROM audit_links WHERE position <= $1 ORDER BY 1 LIMIT 1', [
    from.position,
  ]);
  return rows[0] ? { ...rows[0], why: 'A sealed segment says that it was dropped.' } : null;
}

async function readUnlinked(db: Queryable): Promise<UnlinkedTail | null> {
  const { rows } = await db.query<UnlinkedTail>(
    `SELECT count(*)::int AS entries, min(e.seq) AS "firstSeq", max(e.seq) AS "lastSeq",
            extract(epoch FROM clock_timestamp() - min(e.at))::float8 AS "oldestSeconds"
       FROM audit_events e WHERE NOT EXISTS (SELECT FROM audit_links l WHERE l.seq = e.seq)`
  );
  return rows[0]!.entries > 0 ? rows[0]! : null;
}
