import type { PrometheusAlert } from '../connectors/prometheus.ts';
import type { PrometheusSight, ReceivedAlert, RuleSight } from '../alerts/observe.ts';
import type { Freshness } from '../alerts/signal.ts';

/** What is remembered of an open incident for judging it. Times in ms. */
export type Remembered = {
  /** `prometheus`: its rule was seen there; `alertmanager`: only Alertmanager ever told of it (another Prometheus, Loki's ruler). */
  origin: 'prometheus' | 'alertmanager';
  /** Evaluation at which the alert was last seen active. */
  lastSeenAt: number;
  /** The last end that Alertmanager gave while the alert was active: some minutes ahead, unless its source said "resolved". */
  expectedEnd: number | null;
};

export type Evidence = {
  prometheus:
    { ok: true; now: number; rule: RuleSight | null; active: PrometheusAlert | null } | { ok: false; error: string };
  /** The same of Loki's ruler; null: it has no such rule, or could not be asked. */
  ruler?: { now: number; rule: RuleSight; active: PrometheusAlert | null } | null;
  /** `wholeSince`: since when all Alertmanagers run (ms); null when one does not answer. */
  alertmanager: { reachable: boolean; wholeSince: number | null; alert: ReceivedAlert | null };
  /** When this was observed, by our clock (ms). */
  at: number;
  freshness: Freshness;
  /** Value of `signal_query`; null: asked and empty; undefined: not asked or not defined. */
  signal: number | null | undefined;
};

export type Judgement =
  | { verdict: 'active' }
  /** Recovered, and shown to be so: `proof` is a sentence. */
  | { verdict: 'normal'; proof: string }
  /** Nothing is known of it now, because `why`. */
  | { verdict: 'unseen'; why: string }
  /** Not enough has happened since the last look. */
  | { verdict: 'undecided' };

/** Judges one open incident. Lost sight is never recovery: only samples newer than the breach prove that it is over. */
export function judgeSight(incident: Remembered, evidence: Evidence): Judgement {
  const { prometheus } = evidence;
  if (incident.origin === 'alertmanager' && !(prometheus.ok && prometheus.rule)) {
    return judgeForeign(incident, evidence);
  }
  if (!prometheus.ok) {
    return { verdict: 'unseen', why: prometheus.error };
  }
  if (prometheus.rule === null) {
    return { verdict: 'unseen', why: 'Prometheus no longer has the rule of this alert' };
  }
  if (prometheus.rule.stale) {
    return {
      verdict: 'unseen',
      why: `Prometheus has not evaluated its rule since ${instant(prometheus.rule.lastEvaluation)}`,
    };
  }
  if (prometheus.active) {
    const { freshness } = evidence;
    return freshness.state === 'old' ? { verdict: 'unseen', why: vanished(freshness.at) } : { verdict: 'active' };
  }
  return judgeRecovery(incident, prometheus.rule, evidence);
}

function judgeRecovery(incident: Remembered, rule: RuleSight, { freshness, signal }: Evidence): Judgement {
  if ((rule.lastEvaluation ?? 0) <= incident.lastSeenAt) {
    return { verdict: 'undecided' };
  }
  switch (freshness.state) {
    case 'unasked':
      return { verdict: 'undecided' };
    case 'undefined':
      return signal === null
        ? { verdict: 'unseen', why: 'the alert went away, but its signal has no value' }
        : {
            verdict: 'normal',
            proof: 'the rule no longer holds; it names no fresh_query, so the age of its samples is not known',
          };
    case 'old':
      return { verdict: 'unseen', why: `the alert went away, but ${vanished(freshness.at)}` };
    case 'fresh':
      if (freshness.at <= incident.lastSeenAt) {
        return { verdict: 'undecided' };
      }
      return signal === null
        ? { verdict: 'unseen', why: 'the alert went away, but its signal has no value' }
        : { verdict: 'normal', proof: `the rule no longer holds on samples of ${instant(freshness.at)}` };
  }
}

/**
 * Of an alert that Prometheus has no rule for: Loki's ruler is asked where it has one. Of a source that we cannot ask, an end
 * before the expected one was told by that source, any other is a time-out.
 */
function judgeForeign(incident: Remembered, { prometheus, ruler, alertmanager, at }: Evidence): Judgement {
  if (alertmanager.alert || ruler?.active) {
    return { verdict: 'active' };
  }
  if (!prometheus.ok) {
    // Its rule may well be in the Prometheus that does not answer.
    return { verdict: 'unseen', why: prometheus.error };
  }
  if (ruler) {
    return (ruler.rule.lastEvaluation ?? 0) <= incident.lastSeenAt
      ? { verdict: 'undecided' }
      : { verdict: 'normal', proof: `Loki's ruler no longer holds it at ${instant(ruler.rule.lastEvaluation)}` };
  }
  if (!alertmanager.reachable) {
    return { verdict: 'unseen', why: 'no Alertmanager can be asked, and the rule of this alert is not in Prometheus' };
  }
  if (alertmanager.wholeSince === null || alertmanager.wholeSince > incident.lastSeenAt) {
    // An Alertmanager keeps its alerts in memory only: after a restart it has none, whatever they are like.
    return {
      verdict: 'unseen',
      why: 'an Alertmanager was restarted or does not answer, and it may have had this alert',
    };
  }
  return incident.expectedEnd !== null && at < incident.expectedEnd
    ? {
        verdict: 'normal',
        proof: 'its source told Alertmanager that it is over; DFR Ops cannot ask that source itself',
      }
    : { verdict: 'unseen', why: 'Alertmanager dropped it because its source fell silent' };
}

/** Picks what concerns one alert out of what Prometheus said. */
export function evidenceFrom(sight: PrometheusSight, alertName: string, fingerprint: string): Evidence['prometheus'] {
  return sight.ok
    ? {
        ok: true,
        now: sight.now,
        rule: sight.rules.get(alertName) ?? null,
        active: sight.active.get(fingerprint) ?? null,
      }
    : sight;
}

/** The same of Loki's ruler. A rule that it has not evaluated lately, or cannot, says nothing. */
export function rulerEvidence(
  sight: PrometheusSight | null | undefined,
  alertName: string,
  fingerprint: string
): NonNullable<Evidence['ruler']> | null {
  const rule = sight?.ok ? sight.rules.get(alertName) : undefined;
  return sight?.ok && rule && !rule.stale
    ? { now: sight.now, rule, active: sight.active.get(fingerprint) ?? null }
    : null;
}

function vanished(at: number | null): string {
  return at === null ? 'its samples have vanished' : `its newest sample is from ${instant(at)}`;
}

function instant(ms: number | null): string {
  return ms === null ? 'its start' : `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
