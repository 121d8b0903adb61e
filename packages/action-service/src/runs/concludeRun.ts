import { clockTime } from '../clockTime.ts';
import type { AlertVerdict, EffectVerdict, RunState } from '@dfr-ops/contracts';

export interface Conclusion {
  state: Extract<RunState, 'succeeded' | 'unverified' | 'failed'>;
  outcome: string;
  nextStep: string | null;
}

/**
 * The verdict on a run from its two facts. `trouble` is what went wrong while it acted; `advice` is the action's own next step
 * for an effect without recovery.
 */
export function concludeRun(
  effect: EffectVerdict,
  alert: AlertVerdict,
  trouble: string | null,
  advice: string
): Conclusion {
  const told = trouble ? `${trouble} ` : '';
  if (effect.state === 'not_confirmed') {
    return {
      state: 'failed',
      outcome: `${told}The effect is not there: ${effect.detail}`,
      nextStep: "Read the output above, then the alert's runbook; look at the target before you try again.",
    };
  }
  if (effect.state !== 'confirmed') {
    return {
      state: 'unverified',
      outcome: `${told}It is not known whether the effect is there: ${effect.detail}`,
      nextStep: 'Look at the target by hand: it could not be asked. Do not repeat the action before you know.',
    };
  }
  switch (alert.state) {
    case 'normal':
    case 'not_meant_to_clear':
      return { state: 'succeeded', outcome: `${told}${effect.detail} ${alert.detail}`, nextStep: null };
    case 'no_data':
      return {
        state: 'unverified',
        outcome: `${told}${effect.detail} Whether the alert is gone is not known: ${alert.detail}`,
        nextStep:
          'Do not take it for mended: look why samples are missing (exporter, Prometheus), then look at the alert again.',
      };
    default:
      return {
        state: 'unverified',
        outcome: `${told}${effect.detail} ${alert.detail}`,
        nextStep: alert.clearsBy
          ? `Look at the alert again at ${clockTime(new Date(alert.clearsBy))}. If it fires on: ${advice}`
          : advice,
      };
  }
}

/** The two facts of a run that ended before anything was done. */
export function nothingDone(alert: AlertVerdict): { effect: EffectVerdict; alert: AlertVerdict } {
  const detail = 'Nothing was done.';
  return {
    effect: { state: 'not_confirmed', detail },
    alert:
      alert.state === 'pending'
        ? { ...alert, state: 'no_data', detail: 'Not looked at, since nothing was done.' }
        : alert,
  };
}
