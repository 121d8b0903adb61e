import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { inTransaction } from '../store/pool.ts';
import { chainLock, entryColumns, hashOf, readHead, type ChainEntry } from './chain.ts';

const everyMs = 400;
const batch = 1000;
/** Entries that commit late have a seq below the newest linked one, by no more than this. */
const lateBy = 10_000;

/** Links the entries that have no link yet, 1,000 at most. One replica at a time; answers how many it linked. */
export async function linkAudit(pool: Pool): Promise<number> {
  return inTransaction(pool, async (client) => {
    const lock = await client.query('SELECT pg_try_advisory_xact_lock($1) AS mine', [chainLock]);
    if (!lock.rows[0].mine) {
      return 0;
    }
    const { rows } = await client.query<ChainEntry>(
      `SELECT ${entryColumns} FROM audit_events e
        WHERE e.seq > (SELECT coalesce(max(seq), 0) - $1 FROM audit_links)
          AND NOT EXISTS (SELECT FROM audit_links l WHERE l.seq = e.seq)
        ORDER BY e.seq LIMIT $2`,
      [lateBy, batch]
    );
    if (rows.length === 0) {
      return 0;
    }
    let { position, hash: previous } = await readHead(client);
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

/** Links within a second of an entry's commit, for as long as the process lives. */
export function startChainer(pool: Pool, log: Logger): { stop(): void } {
  let busy = false;
  let stopped = false;
  const round = async () => {
    while (!stopped && (await linkAudit(pool)) === batch) {
      // A full batch: more waits.
    }
  };
  const timer = setInterval(() => {
    if (busy) {
      return;
    }
    busy = true;
    round()
      .catch((error: Error) => log.warn({ err: error }, 'the audit trail could not be linked'))
      .finally(() => {
        busy = false;
      });
  }, everyMs);
  return {
    stop: () => {
      stopped = true;
      clearInterval(timer);
    },
  };
}
