import type { PoolClient } from 'pg';
import type { RunEvent } from '@dfr-ops/contracts';
import { runOfRow, type RunRow } from './runRow.ts';

/** Channel on which every new event of a run is announced, with the run's id. */
export const runChannel = 'dfr_ops_run';

export type RunChange = Partial<
  Pick<
    RunRow,
    | 'state'
    | 'effect'
    | 'alert'
    | 'next_step'
    | 'outcome'
    | 'started_at'
    | 'acted_at'
    | 'finished_at'
    | 'worker'
    | 'approved_by'
    | 'approve_until'
    | 'overridden_by'
    | 'cancel_by'
  >
>;

export interface Told {
  kind: RunEvent['kind'];
  text: string;
  change?: RunChange;
}

/**
 * Changes a run and writes the event that says so, in the caller's transaction. `only` are the conditions on which it may: the
 * run is in one of these states, this worker has it; it has not ended, or it has (`ended`). Answers the row after it, or null when a condition did not hold.
 */
export async function appendEvent(
  client: PoolClient,
  runId: string,
  { kind, text, change = {} }: Told,
  only: { states?: readonly string[]; worker?: number; ended?: boolean } = {}
): Promise<RunRow | null> {
  const columns = Object.keys(change);
  const values = Object.values(change).map((value) =>
    value !== null && typeof value === 'object' && !(value instanceof Date) ? JSON.stringify(value) : value
  );
  const sets = columns.map((column, index) => `, ${column} = $${index + 5}`).join('');
  const { rows } = await client.query(
    `UPDATE runs SET last_seq = last_seq + 1${sets}
      WHERE id = $1 AND (finished_at IS NOT NULL) = $4
        AND ($2::text[] IS NULL OR state = ANY ($2)) AND ($3::int IS NULL OR worker = $3)
      RETURNING *`,
    [runId, only.states ?? null, only.worker ?? null, only.ended ?? false, ...values]
  );
  const row: RunRow | undefined = rows[0];
  if (!row) {
    return null;
  }
  await client.query(
    `WITH told AS (INSERT INTO run_events (run_id, seq, kind, text, run) VALUES ($1, $2, $3, $4, $5) RETURNING run_id)
     SELECT pg_notify($6, run_id) FROM told`,
    [runId, row.last_seq, kind, text, JSON.stringify(runOfRow(row)), runChannel]
  );
  return row;
}
