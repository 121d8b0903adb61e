import type { ResponseTimes } from '@dfr-ops/contracts';
import { type LabelFilterValues, labelParameters } from '../store/labelFilter.ts';
import type { Queryable } from '../store/pool.ts';

/**
 * Mean times to acknowledge (MTTA) and to resolve (MTTR) of the incidents that fired within the last `days`, by severity.
 * Both count from the firing: to the first acknowledgement, and to the moment at which it was normal again.
 */
export async function responseTimes(
  db: Queryable,
  { days, ...filter }: LabelFilterValues & { days: number }
): Promise<ResponseTimes['severities']> {
  const { rows } = await db.query(
    `WITH spans AS (
       SELECT coalesce(labels ->> 'severity', 'none') AS severity, acknowledge_seconds, resolve_seconds,
         extract(epoch FROM (SELECT min(a.at) FROM acknowledgements a WHERE a.incident_id = incidents.id) - firing_at)::float8 AS acknowledged,
         extract(epoch FROM CASE WHEN resolved_at IS NULL THEN NULL ELSE normal_at END - firing_at)::float8 AS resolved,
         extract(epoch FROM clock_timestamp() - firing_at)::float8 AS age, resolved_at IS NOT NULL AS closed
       FROM incidents WHERE NOT dropped AND firing_at > clock_timestamp() - make_interval(days => $1)
         AND ($2::text[] IS NULL OR labels ->> 'country' = ANY ($2)) AND ($3::text[] IS NULL OR labels ->> 'env' = ANY ($3))
         AND ($4::text[] IS NULL OR labels ->> 'service' = ANY ($4)))
     SELECT severity, count(*)::int AS incidents, count(acknowledged)::int AS acknowledged, count(resolved)::int AS resolved,
       avg(acknowledged) AS mean_acknowledge, avg(resolved) AS mean_resolve,
       count(*) FILTER (WHERE coalesce(acknowledged, CASE WHEN closed THEN NULL ELSE age END) > acknowledge_seconds)::int AS late_acknowledge,
       count(*) FILTER (WHERE coalesce(resolved, age) > resolve_seconds)::int AS late_resolve
     FROM spans GROUP BY severity ORDER BY severity`,
    [days, ...labelParameters(filter)]
  );
  return rows.map((row) => ({
    severity: row.severity,
    incidents: row.incidents,
    acknowledged: row.acknowledged,
    resolved: row.resolved,
    meanSecondsToAcknowledge: row.mean_acknowledge,
    meanSecondsToResolve: row.mean_resolve,
    acknowledgedLate: row.late_acknowledge,
    resolvedLate: row.late_resolve,
  }));
}
