/** The level that a log line states, in the words that the logs page filters by; null when it states none. */
export function levelOf(line: string): string | null {
  if (line.startsWith('{')) {
    return jsonLevel(line);
  }
  const word =
    /\b(DEBUG|INFO|LOG|NOTICE|WARNING|WARN|ERROR|FATAL|PANIC|CRITICAL)\b:?/.exec(line.slice(0, 160))?.[1] ??
    /\[(debug|info|notice|warn|error|crit|alert|emerg)\]/.exec(line.slice(0, 80))?.[1];
  return word ? (levels[word.toLowerCase()] ?? null) : null;
}

const levels: Record<string, string> = {
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
};

const pinoLevels: Record<number, string> = {
  10: 'debug',
  20: 'debug',
  30: 'info',
  40: 'warning',
  50: 'error',
  60: 'critical',
};

function jsonLevel(line: string): string | null {
  const level = /"level":\s*(?:"(\w+)"|(\d+))/.exec(line.slice(0, 400));
  if (!level) {
    return null;
  }
  return level[1] ? (levels[level[1].toLowerCase()] ?? null) : (pinoLevels[Number(level[2])] ?? null);
}
