import type { Queryable } from '../store/pool.ts';
import type { IncidentRow } from '../incidents/incidentRow.ts';
import { runsOfIncident } from '../runs/readRuns.ts';
import { linksOf, type Links } from './links.ts';
import { dropUnsentFirings, lastTold, numbersTold, queueNotice } from './noticeStore.ts';
import { resolvedEmail } from './resolvedEmail.ts';
import { firingSms, resolvedSms } from './smsText.ts';

/** `mailTo`: who gets the mail that it is over where the route of Alertmanager does not say. */
export type Recipients = { publicUrl: string; smsTo: string[]; mailTo: string[] };

/** A flush within this time of the last SMS is one of the group's changes, not a reminder. */
const REPEAT_AFTER_MS = 30 * 60_000;

/** Alerts that Alertmanager itself mails about, with their end: what concerns this service must not travel through it. */
const TOLD_BY_ALERTMANAGER: ReadonlySet<string> = new Set(['DfrOpsServiceDown']);

/** One SMS per incident and number; reminders only while nobody has acknowledged it. */
export async function queueFiringSms(
  db: Queryable,
  incident: IncidentRow,
  { publicUrl, smsTo }: Recipients,
  now: Date
): Promise<void> {
  for (const recipient of smsTo) {
    const told = await lastTold(db, incident.id, recipient);
    if (told && (incident.acknowledged || now.getTime() - told.at.getTime() < REPEAT_AFTER_MS)) {
      continue;
    }
    const kind = told ? 'sms_repeat' : 'sms_firing';
    await queueNotice(db, {
      reference: told ? `${incident.id}/${kind}/${told.times}/${recipient}` : `${incident.id}/${kind}/${recipient}`,
      incidentId: incident.id,
      kind,
      recipient,
      text: firingSmsOf(incident, publicUrl, told !== null),
    });
  }
}

/** Tells those who had been told that nobody works on it any more; `acknowledgement`: which one is over. */
export async function queueAgainSms(
  db: Queryable,
  incident: IncidentRow,
  publicUrl: string,
  acknowledgement: number,
  why: string
): Promise<void> {
  for (const recipient of await numbersTold(db, incident.id)) {
    await queueNotice(db, {
      reference: `${incident.id}/sms_again/${acknowledgement}/${recipient}`,
      incidentId: incident.id,
      kind: 'sms_again',
      recipient,
      text: firingSmsOf(incident, publicUrl, true, why),
    });
  }
}

/** Tells the next contacts, each once. */
export async function queueEscalationSms(
  db: Queryable,
  incident: IncidentRow,
  numbers: string[],
  publicUrl: string,
  why: string
): Promise<void> {
  for (const recipient of numbers) {
    await queueNotice(db, {
      reference: `${incident.id}/sms_escalation/${recipient}`,
      incidentId: incident.id,
      kind: 'sms_escalation',
      recipient,
      text: firingSmsOf(incident, publicUrl, true, why),
    });
  }
}

function firingSmsOf(incident: IncidentRow, publicUrl: string, repeat: boolean, why = ''): string {
  const facts = {
    alertName: incident.alert_name,
    severity: incident.labels.severity ?? 'alert',
    env: incident.labels.env ?? '',
    value: repeat ? incident.last_value : (incident.first_value ?? incident.last_value),
    annotations: incident.annotations,
    startsAt: startOf(incident),
    repeat,
    why,
  };
  return firingSms(facts, linksTo(incident, publicUrl));
}

/** Writes down the notices of a resolution, for those only who were told of the firing by the same channel, as their route says. */
export async function queueResolvedNotices(
  db: Queryable,
  incident: IncidentRow,
  recipients: Recipients
): Promise<void> {
  await dropUnsentFirings(db, incident.id);
  if (TOLD_BY_ALERTMANAGER.has(incident.alert_name) || incident.normal_at === null) {
    return;
  }
  const links = linksTo(incident, recipients.publicUrl);
  const facts = await resolvedFacts(db, incident, incident.normal_at.getTime());
  const numbers = incident.resolved_sms === false ? [] : await numbersTold(db, incident.id);
  for (const recipient of numbers) {
    const text = resolvedSms(facts, links.incident ?? links.alert);
    await queueNotice(db, {
      reference: `${incident.id}/sms_resolved/${recipient}`,
      incidentId: incident.id,
      kind: 'sms_resolved',
      recipient,
      text,
    });
  }
  if (!(await wasMailed(db, incident.id))) {
    return;
  }
  const mail = resolvedEmail(facts, links);
  for (const recipient of incident.resolved_mail_to ?? recipients.mailTo) {
    await queueNotice(db, {
      reference: `${incident.id}/email_resolved/${recipient}`,
      incidentId: incident.id,
      kind: 'email_resolved',
      recipient,
      ...mail,
    });
  }
}

async function resolvedFacts(db: Queryable, incident: IncidentRow, normalAt: number) {
  const startsAt = startOf(incident);
  const proof = await db.query(`SELECT text FROM moments WHERE incident_id = $1 AND kind = 'normal' AND key = ''`, [
    incident.id,
  ]);
  return {
    alertName: incident.alert_name,
    severity: incident.labels.severity ?? 'none',
    env: incident.labels.env ?? '',
    labels: incident.labels,
    annotations: incident.annotations,
    startsAt,
    normalAt,
    lastedMs: normalAt - startsAt,
    lastValue: incident.last_value,
    mendedBy: await mendedBy(db, incident.id, normalAt),
    proof: proof.rows[0]?.text ?? '',
  };
}

const DID_NOTHING: ReadonlySet<string> = new Set(['failed', 'cancelled', 'rejected', 'expired']);

/** The last action begun before it became normal: most likely what mended it. */
async function mendedBy(db: Queryable, incidentId: string, normalAt: number): Promise<string | null> {
  const begun = (await runsOfIncident(db, incidentId)).filter(
    (run) => run.startedAt !== null && Date.parse(run.startedAt) <= normalAt && !DID_NOTHING.has(run.state)
  );
  const last = begun.at(-1);
  return last ? `${last.title} by ${last.requestedBy}` : null;
}

async function wasMailed(db: Queryable, incidentId: string): Promise<boolean> {
  const { rowCount } = await db.query(`SELECT 1 FROM moments WHERE incident_id = $1 AND kind = 'email_flushed'`, [
    incidentId,
  ]);
  return rowCount === 1;
}

function startOf(incident: IncidentRow): number {
  return (incident.firing_at ?? incident.opened_at).getTime();
}

function linksTo(incident: IncidentRow, publicUrl: string): Links {
  return linksOf(publicUrl, {
    fingerprint: incident.fingerprint,
    alertName: incident.alert_name,
    labels: incident.labels,
    annotations: incident.annotations,
    from: startOf(incident),
    to: incident.normal_at?.getTime() ?? null,
    incidentId: incident.id,
  });
}
