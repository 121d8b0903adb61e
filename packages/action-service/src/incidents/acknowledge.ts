import type { AcknowledgeRequest, Person } from '@dfr-ops/contracts';
import type { Pool } from 'pg';
import { recordAudit } from '../audit/recordAudit.ts';
import { formatDuration } from '../notices/formatValue.ts';
import { notFound, ProblemError } from '../problem.ts';
import { inTransaction, type Queryable } from '../store/pool.ts';
import type { IncidentRow } from './incidentRow.ts';
import { recordMoment } from './moments.ts';
import { incidentById } from './readIncidents.ts';

const WHERE_TO_LOOK = 'Look for it in the list of incidents.';

/** Records that `person` works on the incident; the one before ends. Throws 404, or 409 when it is resolved. */
export async function acknowledge(
  store: Pool,
  id: string,
  person: Person,
  { comment, minutes }: AcknowledgeRequest
): Promise<IncidentRow> {
  return inTransaction(store, async (client) => {
    await openOrProblem(client, id);
    const at = new Date();
    const until = new Date(at.getTime() + minutes * 60_000);
    await client.query('UPDATE acknowledgements SET ended_at = $2 WHERE incident_id = $1 AND ended_at IS NULL', [
      id,
      at,
    ]);
    await client.query(
      'INSERT INTO acknowledgements (incident_id, by, at, until, comment) VALUES ($1, $2, $3, $4, $5)',
      [id, person.login, at, until, comment]
    );
    const text = `${person.login} works on it for ${formatDuration(minutes * 60_000)}: ${comment}`;
    await recordMoment(client, id, {
      kind: 'acknowledged',
      at,
      source: person.login,
      text,
      runId: null,
      key: at.toISOString(),
    });
    await recordAudit(client, {
      actor: person.login,
      kind: 'incident.acknowledged',
      subject: id,
      data: { comment, minutes, until: until.toISOString() },
    });
    return (await incidentById(client, id))!;
  });
}

/** Nobody works on one thing for longer without a word. */
const LONGEST_HOURS = 4;
const RENEWED_MINUTES = 30;

/**
 * Lets the acknowledgement that holds go on for half an hour from now, since somebody works on the incident; 4 h after it was
 * given it ends all the same. `by`: only if it is theirs. Answers whether one holds.
 */
export async function renew(db: Queryable, id: string, by: string | null): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE acknowledgements SET until = greatest(until, least(at + make_interval(hours => $3), clock_timestamp() + make_interval(mins => $4)))
     WHERE incident_id = $1 AND ended_at IS NULL AND until > clock_timestamp() AND ($2::text IS NULL OR by = $2)`,
    [id, by, LONGEST_HOURS, RENEWED_MINUTES]
  );
  return rowCount === 1;
}

/** Renews the person's own acknowledgement while they have the incident before them. Throws 404, or 409 when they have none. */
export async function renewOwn(store: Pool, id: string, person: Person): Promise<IncidentRow> {
  return inTransaction(store, async (client) => {
    const row = await openOrProblem(client, id);
    if (!(await renew(client, id, person.login))) {
      throw new ProblemError(409, {
        code: 'not_acknowledged',
        what: 'Nothing was renewed.',
        why: row.acknowledged
          ? `${row.acknowledged.by} has acknowledged this incident, not you.`
          : 'Nobody has acknowledged this incident, or the time of the acknowledgement is over.',
        todo: 'Acknowledge it if you work on it.',
      });
    }
    return (await incidentById(client, id))!;
  });
}

/** Takes an acknowledgement back, so that reminders go out again. Throws 404, or 409 when none holds. */
export async function unacknowledge(store: Pool, id: string, person: Person): Promise<IncidentRow> {
  return inTransaction(store, async (client) => {
    const row = await openOrProblem(client, id);
    if (!row.acknowledged) {
      throw new ProblemError(409, {
        code: 'not_acknowledged',
        what: 'Nothing was changed.',
        why: 'Nobody has acknowledged this incident, or the time of the acknowledgement is over.',
        todo: 'Reload the page to see it as it stands.',
      });
    }
    const at = new Date();
    await client.query('UPDATE acknowledgements SET ended_at = $2 WHERE incident_id = $1 AND ended_at IS NULL', [
      id,
      at,
    ]);
    await recordMoment(client, id, {
      kind: 'unacknowledged',
      at,
      source: person.login,
      text: `${person.login} took the acknowledgement back.`,
      runId: null,
      key: at.toISOString(),
    });
    await recordAudit(client, {
      actor: person.login,
      kind: 'incident.unacknowledged',
      subject: id,
      data: { was: row.acknowledged },
    });
    return (await incidentById(client, id))!;
  });
}

async function openOrProblem(db: Queryable, id: string): Promise<IncidentRow> {
  await db.query('SELECT 1 FROM incidents WHERE id = $1 FOR UPDATE', [id]);
  const row = await incidentById(db, id);
  if (!row) {
    throw notFound('incident', id, WHERE_TO_LOOK);
  }
  if (row.resolved_at) {
    throw new ProblemError(409, {
      code: 'incident_resolved',
      what: 'Nothing was changed: the incident is over.',
      why: `It was resolved at ${row.resolved_at.toISOString()}.`,
      todo: row.next_id
        ? `The same alert was raised again: acknowledge incident ${row.next_id}.`
        : 'There is nothing left to do.',
    });
  }
  return row;
}
