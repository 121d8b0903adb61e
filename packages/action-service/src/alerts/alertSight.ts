import type { Labels } from '@dfr-ops/contracts';
import type { Prometheus } from '../connectors/prometheus.ts';
import type { AlertSight, Sighting } from '../deps.ts';
import { alertNameOf, sightOf, type RuleSight } from './observe.ts';
import { ruleWindowSeconds } from './ruleWindow.ts';
import { askFreshness, askSignal } from './signal.ts';
import { clockTime } from '../clockTime.ts';

/** Recording rules change with a deployment only. */
const recordingsKeptMs = 60_000;

/**
 * Looks at one alert for a run's verification. `annotationsOf` remembers the annotations of an alert that is no longer
 * active: Prometheus only tells them while it is.
 */
export function createAlertSight(
  prometheus: Prometheus,
  annotationsOf: (fingerprint: string) => Promise<Labels | null>
): AlertSight {
  let recordings: { at: number; known: Map<string, string> } | null = null;
  const windowOf = async (rule: RuleSight): Promise<number | null> => {
    try {
      if (!recordings || Date.now() - recordings.at > recordingsKeptMs) {
        recordings = { at: Date.now(), known: await prometheus.recordings() };
      }
    } catch {
      return null;
    }
    const keeps = rule.keepFiringSeconds ?? 0;
    const window = ruleWindowSeconds(rule.expression ?? '', recordings.known);
    // What is recorded is evaluated first, then the alert: an interval each.
    return window > 0 ? window + keeps + 2 * rule.intervalSeconds : keeps;
  };
  return {
    async lookAt(fingerprint, labels, since) {
      const none: Sighting = { state: 'unreachable', evaluatedAt: null, freshAt: null, value: null, detail: '' };
      try {
        const sight = sightOf(await prometheus.rules());
        if (!sight.ok) {
          return { ...none, detail: sight.error };
        }
        const rule = sight.rules.get(alertNameOf(labels));
        if (!rule || rule.lastEvaluation === null) {
          return {
            ...none,
            state: 'no_data',
            detail: `Prometheus has no evaluated rule named ${alertNameOf(labels)}.`,
          };
        }
        const active = sight.active.get(fingerprint);
        const annotations = active?.annotations ?? (await annotationsOf(fingerprint).catch(() => null)) ?? {};
        const clock = { now: sight.now, intervalSeconds: rule.intervalSeconds };
        const freshness = await askFreshness(prometheus, annotations, clock);
        const signal = await askSignal(prometheus, annotations);
        const freshAt = 'at' in freshness && freshness.at !== null ? new Date(freshness.at) : null;
        const seen: Sighting = {
          ...none,
          evaluatedAt: new Date(rule.lastEvaluation),
          freshAt,
          value: signal ?? active?.value ?? null,
        };
        if (active) {
          return {
            ...seen,
            state: active.state,
            windowSeconds: await windowOf(rule),
            detail: `Prometheus says ${active.state}, as of ${clockTime(seen.evaluatedAt!)}.`,
          };
        }
        return { ...seen, ...judgeInactive({ rule, annotations, signal, freshAt, since }) };
      } catch (error) {
        return { ...none, detail: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}

type Inactive = {
  rule: RuleSight;
  annotations: Labels;
  signal: number | null | undefined;
  freshAt: Date | null;
  since: Date;
};

/** An alert that is not active is normal only on an evaluation, a value and a sample newer than `since`. */
function judgeInactive({ rule, annotations, signal, freshAt, since }: Inactive): Pick<Sighting, 'state' | 'detail'> {
  const noData = (detail: string) => ({ state: 'no_data' as const, detail });
  if (rule.stale || (rule.lastEvaluation ?? 0) <= since.getTime()) {
    return noData('The rule has not been evaluated since the action.');
  }
  if (!annotations.fresh_query || !annotations.signal_query) {
    return noData('The rule names no signal_query and fresh_query, so nothing proves that its samples are new.');
  }
  if (freshAt === null || freshAt <= since) {
    return noData(
      freshAt ? `The newest sample is from ${clockTime(freshAt)}, before the action.` : 'The samples have vanished.'
    );
  }
  if (signal === null || signal === undefined) {
    return noData('The signal has no value.');
  }
  if (isBeyond(signal, annotations)) {
    return {
      state: 'pending',
      detail: `The rule was normal, but its signal is ${signal} again, beyond ${annotations.signal_threshold}.`,
    };
  }
  return {
    state: 'normal',
    detail: `Not active at ${clockTime(new Date(rule.lastEvaluation!))}, on a sample of ${clockTime(freshAt)}.`,
  };
}

function isBeyond(signal: number, { signal_threshold, signal_comparison }: Labels): boolean {
  const threshold = Number(signal_threshold || NaN);
  return signal_comparison === '>' ? signal > threshold : signal_comparison === '<' ? signal < threshold : false;
}
