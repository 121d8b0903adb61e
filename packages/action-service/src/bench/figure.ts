/** One measured figure, as `npm run bench` prints it: `goal` is the most it may be, or the least where `least` is set. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  goal: number;
  least?: true;
  ok: boolean;
}

export function atMost(name: string, value: number, unit: string, goal: number): Figure {
  return { name, value: rounded(value), unit, goal, ok: value <= goal };
}

export function atLeast(name: string, value: number, unit: string, goal: number): Figure {
  return { name, value: rounded(value), unit, goal, least: true, ok: value >= goal };
}

/** The value below which `share` of them lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
