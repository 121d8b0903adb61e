const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How soon an alert is to be acknowledged and resolved, by severity (CATALOGUE: response targets). */
const TARGETS: Record<string, { acknowledge: number; resolve: number | null }> = {
  critical: { acknowledge: 15 * MINUTE, resolve: 4 * HOUR },
  high: { acknowledge: HOUR, resolve: 8 * HOUR },
  medium: { acknowledge: 2 * HOUR, resolve: 48 * HOUR },
  warning: { acknowledge: 4 * HOUR, resolve: null },
};

/** The instants by which to acknowledge and to resolve, counted from the firing; null while pending or where there is no target. */
export function responseTargets(
  severity: string,
  firingAt: Date | null
): { acknowledgeBy: string | null; resolveBy: string | null } {
  const target = TARGETS[severity];
  if (!target || !firingAt) {
    return { acknowledgeBy: null, resolveBy: null };
  }
  const by = (ms: number) => new Date(firingAt.getTime() + ms).toISOString();
  return { acknowledgeBy: by(target.acknowledge), resolveBy: target.resolve === null ? null : by(target.resolve) };
}
