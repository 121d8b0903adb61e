import type { AlertVerdict } from '@dfr-ops/contracts';
import type { Sighting } from '../deps.ts';
import { clockTime } from '../clockTime.ts';

/** So many fresh evaluations in a row must find the alert normal. */
export const freshSamplesNeeded = 3;

export interface AlertJudge {
  /** Takes one look into account; answers the verdict so far. `normal` is final, everything else may change. */
  see(sighting: Sighting): AlertVerdict;
  /** The verdict when time is up. */
  conclude(): AlertVerdict;
}

/** Judges an alert by looks newer than the action. Missing or old samples never count as normal. */
export function judgeAlert(actedAt: Date): AlertJudge {
  let since: Date | null = null;
  let counted = 0;
  let lastEvaluation = actedAt.getTime();
  let lastSample = actedAt.getTime();
  let last: Sighting | null = null;
  const verdict = (state: AlertVerdict['state'], detail: string): AlertVerdict => ({
    state,
    since: state === 'normal' ? (since?.toISOString() ?? null) : null,
    freshSamples: counted,
    detail,
  });
  /** Until then what happened before the action may keep it active; null: that does not explain it, or is not known. */
  const clearsBy = (): Date | null => {
    const by = new Date(actedAt.getTime() + (last?.windowSeconds ?? 0) * 1000);
    return by > (last?.evaluatedAt ?? by) ? by : null;
  };
  const stillFiring = (detail: string): AlertVerdict => {
    const by = clearsBy();
    return by
      ? {
          ...verdict('still_firing', `${detail} Its window clears by ${clockTime(by)} at the latest.`),
          clearsBy: by.toISOString(),
        }
      : verdict('still_firing', detail);
  };
  const pending = (): AlertVerdict => {
    const by = last?.state === 'firing' || last?.state === 'pending' ? clearsBy() : null;
    const text = pendingText(last, counted);
    return by
      ? {
          ...verdict('pending', `${text} Its window clears by ${clockTime(by)} at the latest.`),
          clearsBy: by.toISOString(),
        }
      : verdict('pending', text);
  };
  const soFar = (): AlertVerdict =>
    counted >= freshSamplesNeeded
      ? verdict('normal', `Normal since ${clockTime(since ?? actedAt)}, on ${counted} fresh samples in a row.`)
      : pending();
  return {
    see(sighting) {
      last = sighting;
      const evaluatedAt = sighting.evaluatedAt?.getTime() ?? 0;
      const freshAt = sighting.freshAt?.getTime() ?? 0;
      if (sighting.state === 'firing' || sighting.state === 'pending') {
        counted = 0;
        since = null;
      } else if (sighting.state === 'normal' && evaluatedAt > lastEvaluation && freshAt > lastSample) {
        lastEvaluation = evaluatedAt;
        lastSample = freshAt;
        since ??= sighting.evaluatedAt;
        counted += 1;
      }
      return soFar();
    },
    conclude() {
      const now = soFar();
      if (now.state === 'normal') {
        return now;
      }
      if (last?.state === 'firing') {
        return stillFiring(`The alert still fires: ${last.detail}`);
      }
      if (last?.state === 'pending') {
        return stillFiring(`The alert's condition still holds: ${last.detail}`);
      }
      const seen = `${counted} of ${freshSamplesNeeded} fresh samples were seen`;
      return verdict('no_data', `Nothing certain is known of the alert: ${seen}. ${last?.detail ?? ''}`.trim());
    },
  };
}

function pendingText(last: Sighting | null, counted: number): string {
  switch (last?.state) {
    case 'firing':
      return `Still firing: ${last.detail}`;
    case 'pending':
      return `Its condition still holds: ${last.detail}`;
    case 'normal':
      return `Normal on ${counted} of ${freshSamplesNeeded} fresh samples.`;
    case 'no_data':
    case 'unreachable':
      return `No fresh samples: ${last.detail}`;
    default:
      return 'Waiting for fresh samples.';
  }
}
