import type { Pool } from 'pg';
import { formatDuration } from '../notices/formatValue.ts';
import { queueAgainSms } from '../notices/queueNotices.ts';
import { inTransaction } from '../store/pool.ts';
import { recordMoment } from './moments.ts';
import { incidentById } from './readIncidents.ts';

type Ended = { seq: number; incident_id: string; by: string; at: Date; until: Date };

/** Ends the acknowledgements whose time is over: the timeline says so, and those who had been told are told again, once. */
export async function endAcknowledgements(store: Pool, publicUrl: string): Promise<void> {
  await inTransaction(store, async (client) => {
    const { rows } = await client.query<Ended>(
      `UPDATE acknowledgements a SET ended_at = a.until FROM incidents i
       WHERE i.id = a.incident_id AND i.resolved_at IS NULL AND a.ended_at IS NULL AND a.until <= clock_timestamp()
       RETURNING a.seq, a.incident_id, a.by, a.at, a.until`
    );
    for (const { seq, incident_id, by, at, until } of rows) {
      const lasted = formatDuration(until.getTime() - at.getTime());
      await recordMoment(client, incident_id, {
        kind: 'acknowledgement_ended',
        at: until,
        source: 'service',
        text: `The acknowledgement by ${by} is over after ${lasted}: reminders go out again.`,
        runId: null,
        key: String(seq),
      });
      const incident = await incidentById(client, incident_id);
      if (incident && !incident.normal_at && incident.silenced_by.length === 0) {
        await queueAgainSms(client, incident, publicUrl, seq, `no longer acknowledged by ${by}`);
      }
    }
  });
}
