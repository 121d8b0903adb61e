const unitSeconds: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 };
const deepest = 4;

/**
 * How far back an alert's expression looks at most, in seconds: the longest range in it and in the recording rules that it is made
 * of (`recordings`: expression by name). 0: it looks at the present alone. `last_over_time` only holds a value that has vanished,
 * so it is no window.
 */
export function ruleWindowSeconds(expression: string, recordings: ReadonlyMap<string, string>): number {
  const seen = new Set<string>();
  const look = (promql: string, depth: number): number => {
    const bare = promql.replaceAll(/last_over_time\(([^()[\]]*)\[[^\]]*\]\)/g, '($1)');
    const own = [...bare.matchAll(/\[\s*([0-9a-z]+)\s*(?::\s*[0-9a-z]*\s*)?\]/g)].map(([, range]) => secondsOf(range!));
    const parts = [...bare.matchAll(/[a-zA-Z_]\w*(?::\w+)+/g)].map(([name]) => name);
    const below = parts.flatMap((name) => {
      const recorded = recordings.get(name);
      if (recorded === undefined || seen.has(name) || depth >= deepest) {
        return [];
      }
      seen.add(name);
      return [look(recorded, depth + 1)];
    });
    return Math.max(0, ...own, ...below);
  };
  return look(expression, 0);
}

/** Seconds of a duration of Prometheus: `1h30m`. */
function secondsOf(duration: string): number {
  return [...duration.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * unitSeconds[unit!]!,
    0
  );
}
