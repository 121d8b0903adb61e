import { formattedValueToString, getValueFormat } from '@grafana/data';
import type { Labels } from '@dfr-ops/contracts';

/** What an alert measures, in words. Each is null where the rule does not say it. */
export type SignalText = { value: string | null; threshold: string | null };

/** `value` and the rule's threshold in the rule's unit: "87.3%" and "alerts over 80%". */
export function signalText(value: number | null, annotations: Labels): SignalText {
  const write = (number: number) => formattedValueToString(getValueFormat(annotations.signal_unit || 'short')(number)).trim();
  const limit = Number(annotations.signal_threshold || NaN);
  return {
    value: value === null || !Number.isFinite(value) ? null : write(value),
    // "alerts under On" tells nobody anything.
    threshold: Number.isNaN(limit) || annotations.signal_unit?.startsWith('bool') ? null : `alerts ${annotations.signal_comparison === '<' ? 'under' : 'over'} ${write(limit)}`,
  };
}
