import type { Queryable } from '../store/pool.ts';
import type { FlushRoute } from './takeFlush.ts';

/**
 * Keeps with the incident who is to be told of its end, as the route says that told the beginning. Of several routes each
 * adds its own; one that told nobody (its mail is held) adds nothing.
 */
export async function rememberRoute(db: Queryable, incidentId: string, route: FlushRoute): Promise<void> {
  const { resolved, to } = route;
  if (resolved === null) {
    return;
  }
  const mailTo = !route.email ? null : resolved.has('email') ? to : [];
  if (mailTo) {
    await db.query(
      `UPDATE incidents SET resolved_mail_to = ARRAY(SELECT DISTINCT unnest(coalesce(resolved_mail_to, '{}') || $2::text[]) ORDER BY 1)
       WHERE id = $1`,
      [incidentId, mailTo]
    );
  }
  if (route.sms) {
    await db.query('UPDATE incidents SET resolved_sms = coalesce(resolved_sms, false) OR $2 WHERE id = $1', [
      incidentId,
      resolved.has('sms'),
    ]);
  }
}
