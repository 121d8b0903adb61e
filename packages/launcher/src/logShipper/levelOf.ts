/**
 * The level that a log line states, in the words that the logs page filters by; null when it states none.
 * provisioning/alloy/config.alloy reads it in the same way.
 */
export function levelOf(line: string): string | null {
  if (line.startsWith('{')) {
    return jsonLevel(line);
  }
  if (accessLine.test(line)) {
    return null;
  }
  const word =
    /\b(DEBUG|INFO|LOG|NOTICE|WARNING|WARN|ERROR|FATAL|PANIC|CRITICAL)\b/.exec(line.slice(0, 160))?.[1] ??
    /\[(debug|info|notice|warn|error|crit|alert|emerg)\]/.exec(line.slice(0, 80))?.[1];
  return word ? (levels.get(word.toLowerCase()) ?? null) : null;
}

/** A line of an access log: any level in it is a word of whoever asked. */
const accessLine = /^\S+ \S+ \S+ \[[^\]]+\] "/;

const levels = new Map(
  Object.entries({
    debug: 'debug',
    info: 'info',
    log: 'info',
    notice: 'info',
    warn: 'warning',
    warning: 'warning',
    error: 'error',
    fatal: 'critical',
    panic: 'critical',
    critical: 'critical',
    crit: 'critical',
    alert: 'critical',
    emerg: 'critical',
    // pino's numbers
    10: 'debug',
    20: 'debug',
    30: 'info',
    40: 'warning',
    50: 'error',
    60: 'critical',
  })
);

function jsonLevel(line: string): string | null {
  const level = /"level":\s*"?(\w+)/.exec(line.slice(0, 400))?.[1];
  return level ? (levels.get(level.toLowerCase()) ?? null) : null;
}
