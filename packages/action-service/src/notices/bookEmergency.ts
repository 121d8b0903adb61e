import type { IncidentRow } from '../incidents/incidentRow.ts';
import { recordMoment } from '../incidents/moments.ts';
import type { Queryable } from '../store/pool.ts';
import type { EmergencySms } from './emergencySms.ts';

/** Books what was told of this alert while the store was down, so that nobody is told twice. */
export async function bookEmergency(db: Queryable, emergency: EmergencySms, incident: IncidentRow): Promise<void> {
  for (const { recipient, text, providerId, at } of emergency.take(incident.fingerprint)) {
    const reference = `${incident.id}/sms_firing/${recipient}`;
    await db.query(
      `INSERT INTO notices (reference, incident_id, kind, recipient, text, state, attempts, provider_id, accepted_at)
       VALUES ($1, $2, 'sms_firing', $3, $4, 'accepted', 1, $5, $6) ON CONFLICT (reference) DO NOTHING`,
      [reference, incident.id, recipient, text, providerId, at]
    );
    await recordMoment(db, incident.id, {
      kind: 'sms_accepted',
      at,
      source: 'sms provider',
      text: 'An SMS was accepted while the store was down.',
      runId: null,
      key: reference,
    });
  }
}
