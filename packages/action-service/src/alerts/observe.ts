import type { Labels, SourceHealth } from '@dfr-ops/contracts';
import type { Alertmanager, AlertmanagerAlert } from '../connectors/alertmanager.ts';
import type { Prometheus, PrometheusAlert, PrometheusRule } from '../connectors/prometheus.ts';
import { fingerprintOf } from './fingerprint.ts';
import { freshLimit } from './signal.ts';

/** A rule as far as sight matters. Rules of one name in several groups count as one, as old as the oldest. */
export type RuleSight = {
  intervalSeconds: number;
  lastEvaluation: number | null;
  stale: boolean;
  health: string;
  expression?: string;
  keepFiringSeconds?: number;
};

export type PrometheusSight =
  | { ok: true; now: number; active: Map<string, PrometheusAlert & { rule: RuleSight }>; rules: Map<string, RuleSight> }
  | { ok: false; error: string };

export type ReceivedAlert = AlertmanagerAlert & { receivedBy: string[] };

/**
 * What all sources said at one time; `alertmanagers.reachable` is false when not one of them answered;
 * `wholeSince` (ms): since when all of them run that answered just now; null when one is silent.
 */
export type Observation = {
  at: number;
  prometheus: PrometheusSight;
  /** What Loki's ruler says of its own rules; null: there is none to ask, or it did not answer. */
  ruler?: PrometheusSight | null;
  alertmanagers: { reachable: boolean; wholeSince: number | null; alerts: Map<string, ReceivedAlert> };
  sources: SourceHealth[];
};

/** Alerts that are no incidents: the heartbeat, which always fires, and what the doctor sends to try the mails. */
export const HEARTBEATS: ReadonlySet<string> = new Set(['Watchdog', 'DfrOpsTest']);

/**
 * Asks Prometheus, Loki's ruler and every Alertmanager at the same time. Never throws: what could not be asked is in `sources`.
 * The ruler is none of them: where there is none, Alertmanager's word is enough, and the log store has its own health.
 */
export async function observe(
  prometheus: Prometheus,
  alertmanagers: Alertmanager[],
  ruler: Pick<Prometheus, 'rules'> | null,
  signal?: AbortSignal
): Promise<Observation> {
  const [[rules, ...received], started, ruled] = await Promise.all([
    Promise.allSettled([prometheus.rules(signal), ...alertmanagers.map((one) => one.alerts(signal))]),
    Promise.allSettled(alertmanagers.map((one) => one.startedAt(signal))),
    ruler ? ruler.rules(signal).then(sightOf, () => null) : null,
  ]);
  const at = Date.now();
  const checkedAt = new Date(at).toISOString();
  const health = (name: string, kind: SourceHealth['kind'], answer: PromiseSettledResult<unknown>): SourceHealth => ({
    name,
    kind,
    ok: answer.status === 'fulfilled',
    error: answer.status === 'rejected' ? messageOf(answer.reason) : null,
    checkedAt,
  });
  return {
    at,
    prometheus: rules.status === 'fulfilled' ? sightOf(rules.value) : { ok: false, error: messageOf(rules.reason) },
    ruler: ruled,
    alertmanagers: {
      reachable: received.some(({ status }) => status === 'fulfilled'),
      wholeSince: received.every(({ status }) => status === 'fulfilled') ? newestStart(started) : null,
      alerts: joinReceived(
        received.map((answer, index) => ({
          name: alertmanagers[index]!.name,
          alerts: answer.status === 'fulfilled' ? answer.value : [],
        }))
      ),
    },
    sources: [
      health(prometheus.name, 'prometheus', rules),
      ...received.map((answer, index) => health(alertmanagers[index]!.name, 'alertmanager', answer)),
    ],
  };
}

function newestStart(started: Array<PromiseSettledResult<number>>): number | null {
  const times = started.map((one) => (one.status === 'fulfilled' ? one.value : null));
  return times.includes(null) ? null : Math.max(...(times as number[]));
}

export function sightOf({ now, rules }: { now: number; rules: PrometheusRule[] }): PrometheusSight {
  const known = new Map<string, RuleSight>();
  for (const rule of rules) {
    const sight = known.get(rule.name);
    const merged = sight ? olderOf(sight, toSight(rule, now)) : toSight(rule, now);
    known.set(rule.name, merged);
  }
  const active = new Map<string, PrometheusAlert & { rule: RuleSight }>();
  for (const rule of rules) {
    for (const alert of HEARTBEATS.has(rule.name) ? [] : rule.alerts) {
      active.set(fingerprintOf(alert.labels), { ...alert, rule: known.get(rule.name)! });
    }
  }
  return { ok: true, now, active, rules: known };
}

function toSight(rule: PrometheusRule, now: number): RuleSight {
  const { intervalSeconds, lastEvaluation, health, expression, keepFiringSeconds } = rule;
  // A rule that cannot be evaluated (health "err") keeps its alerts as they were: that is not seeing.
  const stale = lastEvaluation === null || health === 'err' || now - lastEvaluation > freshLimit(intervalSeconds);
  return { intervalSeconds, lastEvaluation, stale, health, expression, keepFiringSeconds };
}

function olderOf(a: RuleSight, b: RuleSight): RuleSight {
  return (a.lastEvaluation ?? 0) <= (b.lastEvaluation ?? 0)
    ? { ...a, stale: a.stale || b.stale }
    : { ...b, stale: a.stale || b.stale };
}

/** One alert for every fingerprint: the earliest start, the latest end, and silenced only where every Alertmanager says so. */
export function joinReceived(
  answers: Array<{ name: string; alerts: AlertmanagerAlert[] }>
): Map<string, ReceivedAlert> {
  const joined = new Map<string, ReceivedAlert>();
  for (const { name, alerts } of answers) {
    for (const alert of alerts) {
      if (HEARTBEATS.has(alert.labels.alertname ?? '')) {
        continue;
      }
      const other = joined.get(alert.fingerprint);
      joined.set(alert.fingerprint, other ? joinTwo(other, alert, name) : { ...alert, receivedBy: [name] });
    }
  }
  return joined;
}

function joinTwo(one: ReceivedAlert, other: AlertmanagerAlert, name: string): ReceivedAlert {
  const both = (a: string[], b: string[]) => (a.length > 0 && b.length > 0 ? [...new Set([...a, ...b])] : []);
  return {
    ...one,
    startsAt: Math.min(one.startsAt, other.startsAt),
    endsAt: Math.max(one.endsAt, other.endsAt),
    silencedBy: both(one.silencedBy, other.silencedBy),
    inhibitedBy: both(one.inhibitedBy, other.inhibitedBy),
    receivedBy: [...one.receivedBy, name],
  };
}

export function alertNameOf(labels: Labels): string {
  return labels.alertname ?? 'unnamed alert';
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
