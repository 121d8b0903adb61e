import type { DoctorCheck } from '@dfr-ops/contracts';
import type { Pool } from 'pg';
import { failed, ok, warning } from './findings.ts';

const name = 'Audit trail';
const waitSeconds = 60;

interface Facts {
  mayChange: boolean;
  unlinked: number;
  undelivered: number;
}

/** Whether the service's role is kept from changing the trail, and the trail is linked and delivered. Never throws. */
export async function checkAudit(store: Pool, toLoki: boolean): Promise<DoctorCheck> {
  try {
    const { rows } = await store.query<Facts>(
      `SELECT has_table_privilege('audit_events', 'UPDATE, DELETE, TRUNCATE, TRIGGER') AS "mayChange",
              (SELECT count(*)::int FROM audit_events e WHERE e.at < clock_timestamp() - make_interval(secs => $1)
                  AND e.seq > (SELECT coalesce(max(seq), 0) - 10000 FROM audit_links)
                  AND NOT EXISTS (SELECT FROM audit_links l WHERE l.seq = e.seq)) AS unlinked,
              (SELECT count(*)::int FROM audit_links l JOIN audit_events e USING (seq)
                WHERE l.position > (SELECT coalesce(max(position), 0) FROM audit_deliveries)
                  AND e.at < clock_timestamp() - make_interval(secs => $1)) AS undelivered`,
      [waitSeconds]
    );
    return judge(rows[0]!, toLoki);
  } catch (error) {
    return failed(
      name,
      `It cannot be examined: ${(error as Error).message}.`,
      "See whether the service's store answers."
    );
  }
}

function judge({ mayChange, unlinked, undelivered }: Facts, toLoki: boolean): DoctorCheck {
  if (unlinked > 0) {
    const remedy = 'See the log of the action service, then npm run audit -- verify.';
    return failed(name, `${unlinked} entries have not been linked for more than a minute.`, remedy);
  }
  if (toLoki && undelivered > 0) {
    return warning(
      name,
      `Loki has not had ${undelivered} entries for more than a minute.`,
      'See whether Loki takes them.'
    );
  }
  return mayChange
    ? warning(
        name,
        "The service's own role owns its tables and could disarm what protects it.",
        'Give the tables to another role and set DATABASE_MIGRATE_URL, as docker/postgres/store-owner.sql does.'
      )
    : ok(name, `Linked${toLoki ? ' and delivered to Loki' : ''}; the service's role may only add to it.`);
}
