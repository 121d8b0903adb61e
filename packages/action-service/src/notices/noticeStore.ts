import type { Pool } from 'pg';
import { inTransaction, type Queryable } from '../store/pool.ts';
import { digestStorm, type NumberRate } from './digestStorm.ts';

export type NoticeKind =
  | 'sms_firing'
  | 'sms_repeat'
  /** An acknowledgement is over. */
  | 'sms_again'
  | 'sms_escalation'
  | 'sms_resolved'
  | 'sms_watchdog'
  | 'sms_digest'
  | 'email_resolved'
  /** Of a run, and of no incident. */
  | 'sms_run'
  | 'email_run'
  /** Of a login to the break-glass console. */
  | 'sms_console'
  | 'email_console';

/** Kinds that say that an incident fires. */
const FIRING = `('sms_firing', 'sms_repeat', 'sms_again', 'sms_escalation')`;

export type NewNotice = {
  reference: string;
  incidentId: string | null;
  kind: NoticeKind;
  recipient: string;
  subject?: string;
  text: string;
  html?: string;
};

export type NoticeRow = {
  id: number;
  reference: string;
  incident_id: string | null;
  kind: NoticeKind;
  recipient: string;
  subject: string | null;
  text: string;
  html: string | null;
  state: 'queued' | 'sending' | 'digested' | 'accepted' | 'delivered' | 'failed' | 'dropped';
  attempts: number;
  created_at: Date;
  accepted_at: Date | null;
  delivered_at: Date | null;
  error: string | null;
  digest_id: number | null;
  tried_since: Date | null;
};

/** Writes down a notice that is to be sent. Answers false when the same reference has been written before. */
export async function queueNotice(db: Queryable, notice: NewNotice): Promise<boolean> {
  const { reference, incidentId, kind, recipient, subject, text, html } = notice;
  const written = await db.query(
    `INSERT INTO notices (reference, incident_id, kind, recipient, subject, text, html) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (reference) DO NOTHING`,
    [reference, incidentId, kind, recipient, subject ?? null, text, html ?? null]
  );
  return written.rowCount === 1;
}

/** Any constant: two replicas that claimed at once would each think that the number has room. */
const CLAIMING = [7262026, 2];

/**
 * Takes what is due for a minute, as each number's rate allows; another replica leaves it alone, and if this one dies it
 * becomes due again.
 */
export async function claimDue(store: Pool, limit: number, rate: NumberRate): Promise<NoticeRow[]> {
  return inTransaction(store, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1, $2)', CLAIMING);
    await digestStorm(client, rate);
    const { rows } = await client.query<NoticeRow>(
      `UPDATE notices SET state = 'sending', attempts = attempts + 1, due_at = clock_timestamp() + interval '1 minute'
       WHERE id IN (SELECT id FROM notices WHERE state IN ('queued', 'sending') AND due_at <= clock_timestamp()
                    ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING *`,
      [limit]
    );
    return rows;
  });
}

export async function markAccepted(db: Queryable, id: number, providerId: string | null, at: Date): Promise<void> {
  // The receipt may overtake the answer: what is delivered stays delivered.
  await db.query(
    `UPDATE notices SET accepted_at = $3, provider_id = $2, error = NULL, state = CASE WHEN state = 'sending' THEN 'accepted' ELSE state END WHERE id = $1`,
    [id, providerId, at]
  );
}

export async function markRetry(db: Queryable, id: number, error: string, delaySeconds: number): Promise<void> {
  await db.query(
    `UPDATE notices SET state = 'queued', error = $2, due_at = clock_timestamp() + make_interval(secs => $3) WHERE id = $1 AND state = 'sending'`,
    [id, error, delaySeconds]
  );
}

export async function markFailed(db: Queryable, id: number, error: string): Promise<void> {
  await db.query(`UPDATE notices SET state = 'failed', error = $2 WHERE id = $1`, [id, error]);
}

/** Books a receipt by our reference. Answers the notice, or null when it is unknown or had its receipt before. */
export async function markReceipt(
  db: Queryable,
  reference: string,
  delivered: boolean,
  at: Date,
  error: string | null
): Promise<NoticeRow | null> {
  const { rows } = await db.query(
    `UPDATE notices SET state = $2, delivered_at = $3, error = $4 WHERE reference = $1 AND state NOT IN ('delivered', 'failed') RETURNING *`,
    [reference, delivered ? 'delivered' : 'failed', delivered ? at : null, error]
  );
  return rows[0] ?? null;
}

/** A notice of a firing that is over is not sent any more: it would tell of something that has ended. */
export async function dropUnsentFirings(db: Queryable, incidentId: string): Promise<void> {
  await db.query(
    `UPDATE notices SET state = 'dropped' WHERE incident_id = $1 AND kind IN ${FIRING} AND state = 'queued'`,
    [incidentId]
  );
}

/** Numbers that took an SMS of the firing. */
export async function numbersTold(db: Queryable, incidentId: string): Promise<string[]> {
  const { rows } = await db.query(
    `SELECT DISTINCT recipient FROM notices WHERE incident_id = $1 AND kind IN ${FIRING} AND state IN ('sending', 'digested', 'accepted', 'delivered')`,
    [incidentId]
  );
  return rows.map((row) => row.recipient);
}

/** How often a number was told of the firing, and when last; null: never. */
export async function lastTold(
  db: Queryable,
  incidentId: string,
  recipient: string
): Promise<{ times: number; at: Date } | null> {
  const { rows } = await db.query(
    `SELECT count(*)::int AS times, max(created_at) AS at FROM notices
     WHERE incident_id = $1 AND recipient = $2 AND kind IN ${FIRING}`,
    [incidentId, recipient]
  );
  return rows[0].times > 0 ? rows[0] : null;
}
