import type { Pool, PoolClient } from 'pg';
import type { Observation } from '../alerts/observe.ts';
import { formatDuration } from '../notices/formatValue.ts';
import { queueEscalationSms } from '../notices/queueNotices.ts';
import { recipientInWords } from '../notices/sendNotices.ts';
import { inTransaction } from '../store/pool.ts';
import type { IncidentRow } from './incidentRow.ts';
import { recordMoment } from './moments.ts';
import { incidentById } from './readIncidents.ts';

/** `levels`: whom to tell by SMS, in order; `severities`: of which alerts the next ones are told when nobody acknowledges. */
export type Contacts = { levels: string[][]; severities: ReadonlySet<string>; publicUrl: string };

const DUE = `resolved_at IS NULL AND normal_at IS NULL AND NOT escalation_ended AND silenced_by = '{}'
  AND NOT EXISTS (SELECT FROM acknowledgements a WHERE a.incident_id = incidents.id AND a.ended_at IS NULL)
  AND greatest(firing_at, escalated_at, (SELECT max(a.ended_at) FROM acknowledgements a WHERE a.incident_id = incidents.id))
      + make_interval(secs => acknowledge_seconds) <= clock_timestamp()`;

/**
 * Tells the next contacts of every incident that nobody acknowledged within its target, once per level; the target counts
 * anew from the last contacts told and from an acknowledgement that ended. What is silenced or inhibited waits.
 */
export async function escalate(store: Pool, observation: Observation, contacts: Contacts): Promise<void> {
  const { rows } = await store.query<{ id: string; fingerprint: string }>(
    `SELECT id, fingerprint FROM incidents WHERE ${DUE}`
  );
  const { alerts } = observation.alertmanagers;
  for (const { id } of rows.filter(({ fingerprint }) => !alerts.get(fingerprint)?.inhibitedBy.length)) {
    await inTransaction(store, (client) => escalateOne(client, id, contacts));
  }
}

async function escalateOne(client: PoolClient, id: string, contacts: Contacts): Promise<void> {
  // Asked again under the row's lock: another replica may have told them, or somebody acknowledged it.
  const due = await client.query(`SELECT 1 FROM incidents WHERE id = $1 AND ${DUE} FOR UPDATE`, [id]);
  const incident = due.rowCount === 1 ? await incidentById(client, id) : null;
  if (!incident) {
    return;
  }
  const numbers = await nextNumbers(client, incident, contacts);
  await client.query(
    `UPDATE incidents SET escalation_level = escalation_level + 1, escalated_at = clock_timestamp(), escalation_ended = $2 WHERE id = $1`,
    [id, numbers.length === 0]
  );
  const waited = formatDuration((incident.acknowledge_seconds ?? 0) * 1000);
  await recordMoment(client, id, {
    kind: 'escalated',
    at: new Date(),
    source: 'service',
    text: `Nobody acknowledged it within ${waited}: ${whatFollows(incident, numbers, contacts)}.`,
    runId: null,
    key: String(incident.escalation_level + 1),
  });
  await queueEscalationSms(client, incident, numbers, contacts.publicUrl, `not acknowledged for ${waited}`);
}

/** The contacts after those who were told by SMS; the first ones where a mail alone told the beginning. */
async function nextNumbers(client: PoolClient, incident: IncidentRow, contacts: Contacts): Promise<string[]> {
  if (!contacts.severities.has(incident.labels.severity ?? '')) {
    return [];
  }
  const { rows } = await client.query<{ recipient: string }>(
    'SELECT DISTINCT recipient FROM notices WHERE incident_id = $1',
    [incident.id]
  );
  const told = new Set(rows.map(({ recipient }) => recipient));
  const next = contacts.levels.find((level) => level.some((number) => !told.has(number)));
  return next?.filter((number) => !told.has(number)) ?? [];
}

function whatFollows(incident: IncidentRow, numbers: string[], { severities }: Contacts): string {
  if (numbers.length > 0) {
    return `the next contact is told (${numbers.map((recipient) => recipientInWords({ kind: 'sms_escalation', recipient })).join(', ')})`;
  }
  const severity = incident.labels.severity ?? 'none';
  return severities.has(severity)
    ? 'no further contact is named (SMS_TO)'
    : `alerts of severity ${severity} go on to nobody by SMS (SMS_ESCALATE)`;
}
