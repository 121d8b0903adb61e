import { createHash } from 'node:crypto';
import { link, open, rm, type FileHandle } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '../store/pool.ts';
import { chainLock, entryColumns, genesis, hashOf, type ChainHead, type ChainLink } from './chain.ts';
import { recordAudit } from './recordAudit.ts';
import { segmentLine, type SegmentHeader } from './segmentFile.ts';

export interface SealRequest {
  /** Entries from before this instant are sealed, as far as the chain has no younger one between. */
  before: Date;
  /** A file that does not exist yet; it is made with mode 0600. */
  out: string;
  /** Who seals, for the audit trail. */
  actor: string;
  /** Seal also what a receiver (Loki) has not had yet. */
  undelivered: boolean;
}

export interface Sealed {
  segment: number;
  entries: number;
  file: string;
  sha256: string;
}

/** Why nothing was sealed; the message is for a person. */
export class NotSealed extends Error {}

const batch = 2000;

/**
 * Writes the oldest part of the chain to a file, then drops it from the store: its last hash and its count remain, so that the
 * chain goes on. One transaction: either the file is there and the rows are gone, or neither. `pool` is the owner's of the
 * tables: the service's role may not delete. Throws NotSealed.
 */
export async function sealAudit(pool: Pool, request: SealRequest): Promise<Sealed | null> {
  const file = resolve(request.out);
  const unfinished = `${file}.unfinished`;
  let published = false;
  try {
    return await inTransaction(pool, async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [chainLock]);
      const range = await readRange(client, request);
      if (range === null) {
        return null;
      }
      const sha256 = await writeSegment(client, unfinished, range);
      const segment = await recordSegment(client, range, basename(file), sha256);
      const entries = range.lastPosition - range.firstPosition + 1;
      await dropEntries(client, range, entries);
      await recordAudit(client, {
        actor: request.actor,
        kind: 'audit.sealed',
        subject: `segment ${segment}`,
        data: { entries, lastPosition: range.lastPosition, lastHash: range.lastHash, file: basename(file), sha256 },
      });
      // Fails where the file exists: a sealed file is never overwritten.
      await link(unfinished, file);
      published = true;
      return { segment, entries, file, sha256 };
    });
  } catch (error) {
    if (published) {
      // Without the commit the rows are still in the store: the file would be taken for their only copy.
      await rm(file, { force: true });
    }
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new NotSealed(`${file} is there already. Name another file with --out.`, { cause: error });
    }
    throw error;
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function readRange(client: PoolClient, { before, undelivered }: SealRequest): Promise<SegmentHeader | null> {
  const start: ChainHead = await segmentsEnd(client);
  const { rows } = await client.query(
    `SELECT coalesce(min(l.position) FILTER (WHERE e.at >= $1) - 1, max(l.position)) AS last
       FROM audit_links l JOIN audit_events e USING (seq)`,
    [before]
  );
  const last: number | null = rows[0].last;
  if (last === null || last <= start.position) {
    return null;
  }
  await demandDelivered(client, last, undelivered);
  const end = await client.query('SELECT hash FROM audit_links WHERE position = $1', [last]);
  if (!end.rows[0]) {
    throw broken(last);
  }
  return {
    dfrOpsAuditSegment: 1,
    firstPosition: start.position + 1,
    lastPosition: last,
    previousHash: start.hash,
    lastHash: end.rows[0].hash,
  };
}

async function segmentsEnd(client: PoolClient): Promise<ChainHead> {
  const { rows } = await client.query<ChainHead>(
    'SELECT last_position AS position, last_hash AS hash FROM audit_segments ORDER BY number DESC LIMIT 1'
  );
  return rows[0] ?? { position: 0, hash: genesis };
}

async function demandDelivered(client: PoolClient, last: number, undelivered: boolean): Promise<void> {
  const { rows } = await client.query('SELECT receiver, position FROM audit_deliveries WHERE position < $1', [last]);
  if (rows[0] && !undelivered) {
    throw new NotSealed(
      `${rows[0].receiver} has had the chain up to ${rows[0].position} only, and this would drop it up to ${last}. ` +
        'Wait until it has caught up, choose an earlier --before, or add --undelivered.'
    );
  }
}

/** Writes and flushes the file, and checks the chain on the way: what is broken is evidence, and stays. */
async function writeSegment(client: PoolClient, path: string, header: SegmentHeader): Promise<string> {
  const digest = createHash('sha256');
  const file: FileHandle = await open(path, 'w', 0o600);
  const put = async (text: string) => {
    digest.update(text);
    await file.write(text);
  };
  try {
    await put(segmentLine(header));
    let head: ChainHead = { position: header.firstPosition - 1, hash: header.previousHash };
    while (head.position < header.lastPosition) {
      const { rows } = await client.query<ChainLink>(
        `SELECT l.position, ${entryColumns}, l.previous_hash AS "previousHash", l.hash
           FROM audit_links l JOIN audit_events e ON e.seq = l.seq
          WHERE l.position > $1 AND l.position <= $2 ORDER BY l.position LIMIT $3`,
        [head.position, header.lastPosition, batch]
      );
      for (const row of rows) {
        if (
          row.position !== head.position + 1 ||
          row.previousHash !== head.hash ||
          row.hash !== hashOf(head.hash, row)
        ) {
          throw broken(head.position + 1);
        }
        head = { position: row.position, hash: row.hash };
      }
      if (rows.length === 0) {
        throw broken(head.position + 1);
      }
      await put(rows.map(segmentLine).join(''));
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return digest.digest('hex');
}

const broken = (position: number) =>
  new NotSealed(`The chain is broken at link ${position}; nothing was sealed. \`npm run audit -- verify\` says how.`);

async function recordSegment(client: PoolClient, range: SegmentHeader, name: string, sha256: string): Promise<number> {
  const { rows } = await client.query(
    `INSERT INTO audit_segments (number, first_position, last_position, entries, first_at, last_at, previous_hash, last_hash, file_name, file_sha256)
     SELECT (SELECT coalesce(max(number), 0) + 1 FROM audit_segments), $1::bigint, $2::bigint, $2::bigint - $1::bigint + 1, min(e.at), max(e.at), $3, $4, $5, $6
       FROM audit_links l JOIN audit_events e USING (seq) WHERE l.position BETWEEN $1 AND $2
     RETURNING number`,
    [range.firstPosition, range.lastPosition, range.previousHash, range.lastHash, name, sha256]
  );
  return rows[0].number;
}

async function dropEntries(client: PoolClient, range: SegmentHeader, entries: number): Promise<void> {
  const dropped = await client.query(
    'DELETE FROM audit_events WHERE seq IN (SELECT seq FROM audit_links WHERE position <= $1)',
    [range.lastPosition]
  );
  if (dropped.rowCount !== entries) {
    throw broken(range.firstPosition);
  }
}
