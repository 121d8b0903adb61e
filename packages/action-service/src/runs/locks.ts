import type { PoolClient } from 'pg';
import type { Target } from '@dfr-ops/contracts';
import type { Queryable } from '../store/pool.ts';
import type { RunRow } from './runRow.ts';
import { clockTime } from '../clockTime.ts';

/**
 * A target's lock is not a thing of its own that could be left behind: the runs which still act on the target are the lock.
 * Answers the run that forbids another one with this lock, or null.
 */
export async function lockHolder(db: Queryable, target: Target, lock: RunRow['lock']): Promise<RunRow | null> {
  const { rows } = await db.query<RunRow>(
    'SELECT * FROM runs WHERE finished_at IS NULL AND target_kind = $1 AND target_name = $2 ORDER BY created_at',
    [target.kind, target.name]
  );
  return holderAmong(rows, target, lock);
}

/** The same among runs that were read already, oldest first. */
export function holderAmong(acting: readonly RunRow[], target: Target, lock: RunRow['lock']): RunRow | null {
  const holds = (run: RunRow) =>
    run.target_kind === target.kind &&
    run.target_name === target.name &&
    (['queued', 'running'].includes(run.state) ||
      (['verifying', 'interrupted'].includes(run.state) && run.effect.state === 'pending')) &&
    (run.lock === 'exclusive' || (lock === 'exclusive' && run.lock === 'shared'));
  return lock === 'none' ? null : (acting.find(holds) ?? null);
}

/** Lets one transaction at a time decide about a target, over all replicas. */
export async function decideAlone(client: PoolClient, target: Target): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 7262))', [`${target.kind} ${target.name}`]);
}

/** "Restart Odoo, started by admin at …": who holds it, for a person. */
export function describeHolder(row: RunRow): string {
  return `"${row.title}" is being done there, asked for by ${row.requested_by} at ${clockTime(row.created_at)}`;
}
