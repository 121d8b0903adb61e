/** The services whose logs are collected, by their `service` label. */
export const loggedServices = ['odoo', 'postgresql', 'nginx', 'host'] as const;

export type LevelFilter = '' | 'warning' | 'error' | 'critical';

const levelsFrom: Record<Exclude<LevelFilter, ''>, string> = {
  warning: 'warning|error|critical',
  error: 'error|critical',
  critical: 'critical',
};

export type LogFilter = {
  service: string;
  level: LevelFilter;
  /** Plain text that a line must hold; between slashes a regular expression. */
  text: string;
  /** LogQL to begin from instead of the service's stream, as an alert names it; empty: none. */
  query: string;
};

/** The LogQL of a filter. Level goes into the stream selector, text behind all that the query does. */
export function logQlOf({ service, level, text, query }: LogFilter): string {
  const base = query.trim() || `{service=${JSON.stringify(service)}}`;
  return withLevel(base, level) + textFilter(text);
}

function withLevel(base: string, level: LevelFilter): string {
  const selector = /^\s*\{(?:[^}"`]|"(?:[^"\\]|\\.)*"|`[^`]*`)*(?=\})/.exec(base)?.[0];
  if (!level || selector === undefined) {
    return base;
  }
  const separator = selector.trim() === '{' ? '' : ', ';
  return `${selector}${separator}level=~"${levelsFrom[level]}"${base.slice(selector.length)}`;
}

function textFilter(text: string): string {
  const regex = /^\/(.+)\/$/.exec(text);
  return regex?.[1] ? ` |~ ${JSON.stringify(regex[1])}` : text ? ` |= ${JSON.stringify(text)}` : '';
}

const levelWords: Array<[RegExp, string]> = [
  [/\b(FATAL|PANIC|CRITICAL)\b|\[(crit|alert|emerg)\]/, 'critical'],
  [/\bERROR\b|\[error\]/, 'error'],
  [/\bWARN(ING)?\b|\[warn\]/, 'warning'],
];

/** Level of a line: its label where it has one, else the word in its beginning; "" when neither says. */
export function levelOfLine(labels: Record<string, string>, text: string): string {
  const stated = labels.level ?? labels.detected_level;
  return stated ?? levelWords.find(([pattern]) => pattern.test(text.slice(0, 160)))?.[1] ?? '';
}
