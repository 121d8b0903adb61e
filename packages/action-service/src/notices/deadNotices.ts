import type { Notice, Person } from '@dfr-ops/contracts';
import type { Pool } from 'pg';
import { recordAudit } from '../audit/recordAudit.ts';
import { notFound, ProblemError } from '../problem.ts';
import { inTransaction, type Queryable } from '../store/pool.ts';
import type { NoticeRow } from './noticeStore.ts';
import { recipientInWords } from './sendNotices.ts';

type Listed = NoticeRow & { alert_name: string | null; told_with: number };

const STATES = {
  dead: `n.state = 'failed'`,
  waiting: `n.state IN ('queued', 'sending')`,
  sent: `n.state IN ('accepted', 'delivered')`,
  all: 'true',
};
export type NoticeFilter = { state: keyof typeof STATES; limit: number };

const LISTED = `SELECT n.*, i.alert_name, (SELECT count(*)::int FROM notices d WHERE d.digest_id = n.id) AS told_with
  FROM notices n LEFT JOIN incidents i ON i.id = n.incident_id`;

/** Notices of this state, newest first; those that one SMS told of together are that one. */
export async function listNotices(db: Queryable, { state, limit }: NoticeFilter): Promise<Notice[]> {
  const { rows } = await db.query<Listed>(
    `${LISTED} WHERE n.digest_id IS NULL AND ${STATES[state]} ORDER BY n.id DESC LIMIT $1`,
    [limit]
  );
  return rows.map(noticeOf);
}

/**
 * Sends a notice again that was given up, as a person asks: under a new reference, since a provider may take the old one for
 * the message that it has. Throws 404, or 409 when it is not dead.
 */
export async function resendNotice(store: Pool, id: number, person: Person): Promise<Notice> {
  return inTransaction(store, async (client) => {
    const { rows } = await client.query<Listed>(`${LISTED} WHERE n.id = $1 FOR UPDATE OF n`, [id]);
    const row = rows[0];
    if (!row) {
      throw notFound('notice', String(id), 'Look for it in the list of notices.');
    }
    if (row.state !== 'failed' || row.digest_id !== null) {
      throw notDead(row);
    }
    await client.query(
      `UPDATE notices SET state = 'queued', attempts = 0, error = NULL, resends = resends + 1, tried_since = clock_timestamp(),
         due_at = clock_timestamp(), reference = split_part(reference, '~', 1) || '~' || (resends + 1) WHERE id = $1`,
      [id]
    );
    await client.query(`UPDATE notices SET state = 'digested' WHERE digest_id = $1`, [id]);
    await recordAudit(client, {
      actor: person.login,
      kind: 'notice.resent',
      subject: row.incident_id ?? row.reference,
      data: { notice: id, kind: row.kind, recipient: recipientInWords(row), error: row.error },
    });
    return noticeOf((await client.query<Listed>(`${LISTED} WHERE n.id = $1`, [id])).rows[0]!);
  });
}

function notDead(row: Listed): ProblemError {
  return new ProblemError(409, {
    code: 'notice_not_dead',
    what: 'Nothing was sent.',
    why:
      row.digest_id === null
        ? `The notice is ${row.state}: only one that was given up can be sent again.`
        : 'It was told together with others, in one SMS: that one can be sent again.',
    todo: 'Look at the list of notices that failed.',
  });
}

function noticeOf(row: Listed): Notice {
  return {
    id: row.id,
    incidentId: row.incident_id,
    alertName: row.alert_name,
    kind: row.kind,
    to: recipientInWords(row),
    text: row.subject ?? row.text,
    state: row.state,
    attempts: row.attempts,
    createdAt: row.created_at.toISOString(),
    acceptedAt: row.accepted_at?.toISOString() ?? null,
    deliveredAt: row.delivered_at?.toISOString() ?? null,
    error: row.error,
    toldTogether: row.told_with,
  };
}
