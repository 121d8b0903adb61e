import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Milliseconds that the whole rule set took, one for each of `count` cycles of `intervalMs`: a shorter interval than production's
 * would put more recorded samples into each rule's window and its groups upon one another. Throws when a rule fails.
 */
export async function ruleCycles(url: string, count: number, intervalMs: number): Promise<number[]> {
  const cycles: number[] = [];
  while (cycles.length < count) {
    await sleep(intervalMs);
    const text = await (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(10_000) })).text();
    if (sumOf(text, 'prometheus_rule_evaluation_failures_total') > 0) {
      throw new Error(
        'Rules fail on these series: their durations say nothing. See the rules page of a running stack.'
      );
    }
    cycles.push(cycleMs(text, intervalMs));
  }
  return cycles;
}

/**
 * Milliseconds of rules per cycle of `intervalMs`, from Prometheus' own /metrics: a group that has its turn in every second cycle
 * counts by half.
 */
export function cycleMs(metrics: string, intervalMs: number): number {
  const intervals = samplesOf(metrics, 'prometheus_rule_group_interval_seconds');
  return [...samplesOf(metrics, 'prometheus_rule_group_last_duration_seconds')].reduce((sum, [group, seconds]) => {
    const interval = intervals.get(group);
    if (!interval) {
      throw new Error(`Prometheus tells no interval of the rule group ${group}.`);
    }
    return sum + (seconds * intervalMs) / interval;
  }, 0);
}

/** Values of a metric by its labels as they are written, from the text of a /metrics. */
function samplesOf(metrics: string, name: string): Map<string, number> {
  const lines = metrics.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return new Map(
    lines.map((line) => [line.slice(name.length, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))])
  );
}

/** Sum of a metric over all its series, from the text of a /metrics. */
export function sumOf(metrics: string, name: string): number {
  return [...samplesOf(metrics, name).values()].reduce((sum, value) => sum + value, 0);
}

/** The value that this share of the measurements does not exceed (nearest rank). Throws where there are none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) {
    throw new Error('Nothing was measured.');
  }
  return value;
}
