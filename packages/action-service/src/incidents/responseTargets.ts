import type { Prometheus } from '../connectors/prometheus.ts';
import type { Queryable } from '../store/pool.ts';
import type { IncidentRow } from './incidentRow.ts';

/** The values render it (`response`), the rules record it, the dashboards draw it: that is where targets are known. */
const SERIES = 'dfr_ops_response_target_seconds';

/** Keeps what Prometheus says of the targets, so that they hold while it does not answer. Throws SourceError; an empty answer changes nothing. */
export async function keepTargets(db: Queryable, prometheus: Prometheus): Promise<void> {
  const series = await prometheus.query(SERIES);
  const targets = series.flatMap(({ metric, samples }) => {
    const seconds = samples.at(-1)?.value;
    const known = metric.severity && (metric.step === 'acknowledge' || metric.step === 'resolve');
    return known && seconds !== undefined && seconds > 0
      ? [{ severity: metric.severity, step: metric.step, seconds }]
      : [];
  });
  if (targets.length === 0) {
    return;
  }
  await db.query(
    `WITH told AS (SELECT severity, step, min(seconds) AS seconds
                   FROM jsonb_to_recordset($1) AS t(severity text, step text, seconds double precision) GROUP BY 1, 2),
       gone AS (DELETE FROM response_targets r WHERE NOT EXISTS (SELECT FROM told t WHERE t.severity = r.severity AND t.step = r.step))
     INSERT INTO response_targets SELECT severity, step, seconds FROM told
     ON CONFLICT (severity, step) DO UPDATE SET seconds = excluded.seconds`,
    [JSON.stringify(targets)]
  );
}

/** Gives the open incidents that fire and have no target yet the one of their severity: it stays theirs, whatever the values become. */
export async function setTargets(db: Queryable): Promise<void> {
  await db.query(
    `UPDATE incidents SET acknowledge_seconds = t.acknowledge, resolve_seconds = t.resolve
     FROM (SELECT severity, max(seconds) FILTER (WHERE step = 'acknowledge') AS acknowledge,
             max(seconds) FILTER (WHERE step = 'resolve') AS resolve FROM response_targets GROUP BY severity) t
     WHERE resolved_at IS NULL AND firing_at IS NOT NULL AND acknowledge_seconds IS NULL AND resolve_seconds IS NULL
       AND labels ->> 'severity' = t.severity`
  );
}

type Standing = {
  acknowledgeBy: string | null;
  resolveBy: string | null;
  acknowledgeLeftSeconds: number | null;
  resolveLeftSeconds: number | null;
};

/** How an incident stands against its targets, which count from the firing; null while pending or where there is none. */
export function standingOf(row: IncidentRow, now: Date): Standing {
  const by = (seconds: number | null) =>
    row.firing_at && seconds !== null ? new Date(row.firing_at.getTime() + seconds * 1000) : null;
  const left = (at: Date | null) => at && Math.round((at.getTime() - now.getTime()) / 1000);
  const acknowledgeBy = by(row.acknowledge_seconds);
  const resolveBy = by(row.resolve_seconds);
  const over = row.normal_at !== null || row.resolved_at !== null;
  return {
    acknowledgeBy: acknowledgeBy?.toISOString() ?? null,
    resolveBy: resolveBy?.toISOString() ?? null,
    acknowledgeLeftSeconds: over || row.first_acknowledged_at !== null ? null : left(acknowledgeBy),
    resolveLeftSeconds: over ? null : left(resolveBy),
  };
}
