import type { Queryable } from '../store/pool.ts';

export interface AuditEntry {
  /** A person's login, or `service`. */
  actor: string;
  /** e.g. `run.accepted`, `incident.acknowledged`. */
  kind: string;
  /** What it is about: the id of a run, an incident, an action. */
  subject: string;
  data: Record<string, unknown>;
}

/** Adds an entry to the audit trail. Give it the client of the transaction that does what the entry says. */
export async function recordAudit(client: Queryable, entry: AuditEntry): Promise<void> {
  await client.query('INSERT INTO audit_events (actor, kind, subject, data) VALUES ($1, $2, $3, $4)', [
    entry.actor,
    entry.kind,
    entry.subject,
    JSON.stringify(entry.data),
  ]);
}
