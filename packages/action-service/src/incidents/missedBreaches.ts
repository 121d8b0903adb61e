import { randomUUID } from 'node:crypto';
import type { Labels } from '@dfr-ops/contracts';
import type { Pool, PoolClient } from 'pg';
import { fingerprintOf } from '../alerts/fingerprint.ts';
import { HEARTBEATS, type Observation } from '../alerts/observe.ts';
import type { Prometheus } from '../connectors/prometheus.ts';
import { inTransaction, type Queryable } from '../store/pool.ts';
import { recordMoment } from './moments.ts';

const NAME = 'Reconciler';
/** So many evaluations without it and the alert was over: what follows is another instance. */
const GAP = 3;
/** Prometheus is asked for no more than this. */
const DAY_SECONDS = 86_400;

/** One stretch (ms) over which Prometheus recorded an alert as firing. */
export type Span = { labels: Labels; first: number; last: number; end: number };

/**
 * Keeps when we looked last and, after a time without a look, writes down the alerts that fired and ended meanwhile, from what
 * Prometheus recorded: the webhook never comes for them. What only Loki's ruler knew stays unknown.
 * `lateMs`: how long after the last look a look counts as late.
 */
export async function keepMissed(
  store: Pool,
  prometheus: Prometheus,
  observation: Observation,
  lateMs: number
): Promise<void> {
  if (!observation.prometheus.ok) {
    return;
  }
  const { rows } = await store.query<{ heard_at: Date }>('SELECT heard_at FROM heartbeats WHERE name = $1', [NAME]);
  const before = rows[0]?.heard_at.getTime();
  if (before !== undefined && observation.at - before > lateMs) {
    for (const span of await spansSince(prometheus, before, observation)) {
      await inTransaction(store, (client) => writeMissed(client, span, before));
    }
  }
  await keepLook(store, new Date(observation.at));
}

async function keepLook(db: Queryable, at: Date): Promise<void> {
  await db.query(
    'INSERT INTO heartbeats (name, heard_at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET heard_at = excluded.heard_at',
    [NAME, at]
  );
}

async function spansSince(
  prometheus: Prometheus,
  since: number,
  { at, prometheus: sight }: Observation
): Promise<Span[]> {
  if (!sight.ok) {
    return [];
  }
  const window = Math.min(DAY_SECONDS, Math.ceil((at - since) / 1000) + 60);
  const series = await prometheus.query(`ALERTS{alertstate="firing"}[${window}s]`);
  return series.flatMap(({ metric, samples }) => {
    const { __name__: _name, alertstate: _state, ...labels } = metric;
    const rule = sight.rules.get(labels.alertname ?? '');
    if (!rule || HEARTBEATS.has(labels.alertname ?? '')) {
      return [];
    }
    const interval = rule.intervalSeconds * 1000;
    const active = sight.active.has(fingerprintOf(labels));
    return (
      stretches(
        samples.map((sample) => sample.at),
        GAP * interval
      )
        .map(({ first, last }) => ({ labels, first, last, end: last + interval }))
        // What still goes on has an incident of its own; the last stretch of an active alert is its own.
        .filter(({ end }, index, all) => end > since && end < at - interval && !(active && index === all.length - 1))
    );
  });
}

/** Splits the times of evaluations where more than `gap` ms lie between two. */
function stretches(times: number[], gap: number): Array<{ first: number; last: number }> {
  const found: Array<{ first: number; last: number }> = [];
  for (const at of [...times].sort((a, b) => a - b)) {
    const current = found.at(-1);
    if (current && at - current.last <= gap) {
      current.last = at;
    } else {
      found.push({ first: at, last: at });
    }
  }
  return found;
}

async function writeMissed(client: PoolClient, { labels, first, end }: Span, since: number): Promise<void> {
  const fingerprint = fingerprintOf(labels);
  const from = new Date(first);
  const until = new Date(end);
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO incidents (id, fingerprint, alert_name, labels, annotations, origin, state, opened_at, firing_at, normal_at,
       resolved_at, last_seen_at, previous_id, escalation_ended)
     SELECT $1, $2, $3, $4, coalesce((SELECT annotations FROM incidents WHERE fingerprint = $2 ORDER BY opened_at DESC LIMIT 1), '{}'),
       'prometheus', 'resolved', $5, $5, $6, clock_timestamp(), $6,
       (SELECT id FROM incidents WHERE fingerprint = $2 AND NOT dropped AND opened_at < $5 ORDER BY opened_at DESC LIMIT 1), true
     WHERE NOT EXISTS (SELECT FROM incidents WHERE fingerprint = $2 AND NOT dropped AND opened_at <= $6
                         AND coalesce(normal_at, resolved_at, 'infinity') >= $5)
     RETURNING id`,
    [
      `m${randomUUID().replaceAll('-', '').slice(0, 13)}`,
      fingerprint,
      labels.alertname ?? 'unnamed alert',
      labels,
      from,
      until,
    ]
  );
  const id = rows[0]?.id;
  if (!id) {
    return;
  }
  const blind = `DFR Ops could not look since ${new Date(since).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  const said = [
    { kind: 'firing', at: from, source: 'prometheus', text: `The alert fired while ${blind}; Prometheus recorded it.` },
    { kind: 'normal', at: until, source: 'prometheus', text: 'Normal again: the rule no longer held.' },
    {
      kind: 'resolved',
      at: new Date(),
      source: 'service',
      text: 'It was over before DFR Ops saw it: no SMS told of it.',
    },
  ] as const;
  for (const moment of said) {
    await recordMoment(client, id, { ...moment, runId: null });
  }
}
