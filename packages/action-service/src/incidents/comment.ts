import { randomUUID } from 'node:crypto';
import type { CommentRequest, Person, TimelineEvent } from '@dfr-ops/contracts';
import type { Pool } from 'pg';
import { recordAudit } from '../audit/recordAudit.ts';
import { notFound } from '../problem.ts';
import { inTransaction } from '../store/pool.ts';
import { renew } from './acknowledge.ts';
import { recordMoment } from './moments.ts';
import { incidentById } from './readIncidents.ts';

/** Writes a person's comment into the timeline, of a resolved incident too. Who comments works on it. Throws 404. */
export async function comment(
  store: Pool,
  id: string,
  person: Person,
  { text }: CommentRequest
): Promise<TimelineEvent> {
  return inTransaction(store, async (client) => {
    if (!(await incidentById(client, id))) {
      throw notFound('incident', id, 'Look for it in the list of incidents.');
    }
    const at = new Date();
    const said = { kind: 'commented' as const, source: person.login, text, runId: null };
    await recordMoment(client, id, { ...said, at, key: randomUUID() });
    await recordAudit(client, { actor: person.login, kind: 'incident.commented', subject: id, data: { text } });
    await renew(client, id, person.login);
    return { ...said, at: at.toISOString() };
  });
}
