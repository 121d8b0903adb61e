import type { AlertmanagerWebhook } from '@dfr-ops/contracts';
import type { Pool } from 'pg';
import { HEARTBEATS } from '../alerts/observe.ts';
import { fingerprintOf } from '../alerts/fingerprint.ts';
import { bookEmergency } from '../notices/bookEmergency.ts';
import type { EmergencySms } from '../notices/emergencySms.ts';
import { linksOf } from '../notices/links.ts';
import { queueFiringSms, type Recipients } from '../notices/queueNotices.ts';
import { firingSms } from '../notices/smsText.ts';
import { inTransaction, type Queryable } from '../store/pool.ts';
import type { IncidentRow } from './incidentRow.ts';
import { correctMoment, recordMoment } from './moments.ts';
import { incidentById, newestIncident } from './readIncidents.ts';
import { rememberRoute } from './rememberRoute.ts';
import { fire, openIncident } from './transitions.ts';
import type { Watchdog } from './watchdog.ts';

type FlushedAlert = AlertmanagerWebhook['alerts'][number];

/**
 * What the route to this webhook does besides: it mails the group itself (`to` these), or wants us to send SMS. `resolved`:
 * by which ways the end is told. Null where the address of the webhook does not say.
 */
export type FlushRoute = { email: boolean; sms: boolean; resolved: ReadonlySet<string> | null; to: string[] | null };

export type FlushTaking = {
  store: Pool;
  watchdog: Watchdog;
  emergency: EmergencySms;
  recipients: Recipients;
  reportedEnds: Map<string, number>;
  reconcileNow: () => Promise<void>;
  /** Value of an alert as seen last; null: not known. */
  valueOf: (fingerprint: string) => number | null;
  wakeSender: () => void;
};

/** How long an SMS waits for Prometheus to tell the value. */
const LOOK_FIRST_MS = 1500;

/**
 * Takes a flush of Alertmanager's webhook: at least once, in any order. It is a hint: it records when the group was flushed
 * and whom to tell, and makes the reconciler look at once. Throws when the store is down, after the SMS have been begun,
 * so that Alertmanager brings it again.
 */
export async function takeFlush(
  taking: FlushTaking,
  webhook: AlertmanagerWebhook,
  route: FlushRoute,
  arrivedAt: Date
): Promise<void> {
  if (webhook.alerts.some(({ status, labels }) => status === 'firing' && HEARTBEATS.has(labels.alertname ?? ''))) {
    taking.watchdog.beat(arrivedAt);
  }
  const alerts = webhook.alerts.filter(({ labels }) => !HEARTBEATS.has(labels.alertname ?? ''));
  if (alerts.length === 0) {
    return;
  }
  for (const alert of alerts.filter(({ status }) => status === 'resolved')) {
    taking.reportedEnds.set(alert.fingerprint, Date.parse(alert.endsAt));
  }
  await Promise.race([taking.reconcileNow(), pause(LOOK_FIRST_MS)]);
  try {
    for (const alert of alerts) {
      await inTransaction(taking.store, (client) =>
        alert.status === 'firing'
          ? takeFiring(taking, client, alert, route, arrivedAt)
          : takeResolved(taking, client, alert, arrivedAt)
      );
    }
  } catch (error) {
    tellWithoutStore(taking, route.sms ? alerts : []);
    throw error;
  }
  taking.wakeSender();
}

async function takeFiring(
  taking: FlushTaking,
  db: Queryable,
  alert: FlushedAlert,
  route: FlushRoute,
  arrivedAt: Date
): Promise<void> {
  const incident = await incidentOf(taking, db, alert);
  if (!incident) {
    return;
  }
  if (route.email) {
    await recordMoment(db, incident.id, {
      kind: 'email_flushed',
      at: arrivedAt,
      source: 'alertmanager',
      text: 'Alertmanager flushed the group to its email receiver.',
      runId: null,
    });
  }
  await rememberRoute(db, incident.id, route);
  await bookEmergency(db, taking.emergency, incident);
  if (route.sms) {
    await queueFiringSms(db, incident, taking.recipients, arrivedAt);
    taking.emergency.leaveToStore(incident.fingerprint, alert.startsAt);
  }
}

/** The open incident that the flush is of; opened here when the reconciler could not; null for an instance that is over. */
async function incidentOf(taking: FlushTaking, db: Queryable, alert: FlushedAlert): Promise<IncidentRow | null> {
  const startsAt = new Date(alert.startsAt);
  const fingerprint = fingerprintOf(alert.labels);
  const newest = await newestIncident(db, fingerprint);
  if (newest?.normal_at && startsAt <= newest.normal_at) {
    return null;
  }
  const value = taking.valueOf(fingerprint);
  const breach = {
    fingerprint,
    labels: alert.labels,
    annotations: alert.annotations,
    origin: 'alertmanager' as const,
    openedAt: startsAt,
    lastSeenAt: startsAt,
    value,
  };
  const open = newest && newest.resolved_at === null ? newest : await openIncident(db, breach);
  if (!open) {
    return newestIncident(db, fingerprint);
  }
  if (!open.firing_at) {
    await fire(db, open, startsAt < open.opened_at ? open.opened_at : startsAt, 'alertmanager', value);
  }
  return incidentById(db, open.id);
}

/** Alertmanager knows the end to the millisecond: where recovery is proven already, its time is set right. */
async function takeResolved(taking: FlushTaking, db: Queryable, alert: FlushedAlert, arrivedAt: Date): Promise<void> {
  const endsAt = new Date(alert.endsAt);
  const newest = await newestIncident(db, fingerprintOf(alert.labels));
  if (newest?.resolved_at !== null) {
    taking.reportedEnds.delete(alert.fingerprint);
  }
  if (newest?.normal_at && endsAt > newest.last_seen_at && endsAt <= (newest.resolved_at ?? arrivedAt)) {
    await db.query('UPDATE incidents SET normal_at = $2 WHERE id = $1', [newest.id, endsAt]);
    await correctMoment(db, newest.id, 'normal', endsAt, 'alertmanager');
  }
}

function tellWithoutStore(taking: FlushTaking, alerts: FlushedAlert[]): void {
  const firing = alerts.filter(({ status }) => status === 'firing').sort(bySeverity);
  for (const alert of firing) {
    const { labels, annotations, fingerprint } = alert;
    const alertName = labels.alertname ?? 'unnamed alert';
    const startsAt = Date.parse(alert.startsAt);
    const subject = {
      fingerprint,
      alertName,
      labels,
      annotations,
      from: startsAt,
      to: null,
      incidentId: null,
    };
    const facts = {
      alertName,
      severity: labels.severity ?? 'alert',
      env: labels.env ?? '',
      value: taking.valueOf(fingerprint),
      annotations,
      startsAt,
      repeat: false,
    };
    const text = firingSms(facts, linksOf(taking.recipients.publicUrl, subject));
    taking.emergency.tell(fingerprint, alert.startsAt, text, { alert_name: alertName, severity: facts.severity });
  }
}

const STRONGEST_FIRST = ['critical', 'high', 'medium', 'warning'];

/** In a storm the first few are told singly. */
function bySeverity(one: FlushedAlert, other: FlushedAlert): number {
  const rank = ({ labels }: FlushedAlert) => (STRONGEST_FIRST.indexOf(labels.severity ?? '') + 5) % 5;
  return rank(one) - rank(other);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
