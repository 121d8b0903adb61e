import type { AlertVerdict } from '@dfr-ops/contracts';
import { recordAudit } from '../audit/recordAudit.ts';
import { clockTime } from '../clockTime.ts';
import type { Sighting } from '../deps.ts';
import { inTransaction } from '../store/pool.ts';
import { appendEvent } from './appendEvent.ts';
import type { RunEngine } from './runEngine.ts';
import type { RunRow } from './runRow.ts';

/** A breach within this time of the run's end says that it did not last. */
const relapseMs = 10 * 60_000;

const watched = `state = 'succeeded' AND alert ->> 'state' = 'normal' AND alert ->> 'relapsedAt' IS NULL`;

/** Looks whether alerts that a run had cleared are back within ten minutes, and says so in the run: it stays succeeded, and did not last. */
export async function watchRelapse(engine: RunEngine): Promise<void> {
  const { rows } = await engine.store.query<RunRow>(`SELECT * FROM runs WHERE ${watched} AND finished_at > $1`, [
    new Date(engine.now().getTime() - relapseMs),
  ]);
  for (const row of rows) {
    if (row.fingerprint && row.alert_labels && row.finished_at) {
      const seen = await engine.sight.lookAt(row.fingerprint, row.alert_labels, row.finished_at);
      const isBack = seen.state === 'firing' || seen.state === 'pending';
      if (isBack && seen.evaluatedAt && seen.evaluatedAt > row.finished_at) {
        await tellRelapse(engine, row, seen, seen.evaluatedAt);
      }
    }
  }
}

async function tellRelapse(engine: RunEngine, row: RunRow, seen: Sighting, at: Date): Promise<void> {
  await inTransaction(engine.store, async (client) => {
    // Every replica watches: the first one tells.
    const still = await client.query(`SELECT 1 FROM runs WHERE id = $1 AND ${watched} FOR UPDATE`, [row.id]);
    if (still.rowCount !== 1) {
      return;
    }
    const minutes = Math.max(1, Math.round((at.getTime() - row.finished_at!.getTime()) / 60_000));
    const how = seen.state === 'firing' ? 'fires again' : 'has its condition again';
    const detail = `It did not last: the alert ${how} at ${clockTime(at)}, within ${minutes} min of this run's end.`;
    const alert: AlertVerdict = {
      ...row.alert,
      relapsedAt: at.toISOString(),
      detail: `${row.alert.detail} ${detail}`,
    };
    const change = {
      alert,
      outcome: `${row.outcome} ${detail}`,
      next_step: "The cause is still there: see the alert's runbook before you do the same again.",
    };
    await appendEvent(client, row.id, { kind: 'alert', text: detail, change }, { ended: true });
    const data = { actionId: row.action_id, target: row.target_name, relapsedAt: alert.relapsedAt };
    await recordAudit(client, { actor: 'service', kind: 'run.relapsed', subject: row.id, data });
  });
}
