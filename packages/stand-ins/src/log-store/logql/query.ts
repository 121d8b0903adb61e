/** What a LogQL query of the supported subset comes down to. Durations are in milliseconds. */
export type Query = LogQuery | MetricQuery;

export interface LogQuery {
  kind: 'log';
  matchers: Matcher[];
  stages: Stage[];
}

export type MetricQuery =
  | { kind: 'range'; op: 'count_over_time' | 'rate' | 'bytes_over_time' | 'bytes_rate'; of: LogQuery; rangeMs: number }
  | { kind: 'sum' | 'min' | 'max' | 'avg' | 'count'; of: MetricQuery; by: string[] | null; without: string[] | null }
  | { kind: 'constant'; value: number; series: boolean }
  | { kind: 'binary'; op: '+' | '-' | '*' | '/'; left: MetricQuery; right: MetricQuery };

export type MatchOp = '=' | '!=' | '=~' | '!~';
export interface Matcher {
  name: string;
  op: MatchOp;
  value: string;
}

export type Stage =
  | { kind: 'line'; op: '|=' | '!=' | '|~' | '!~'; anyOf: string[] }
  | { kind: 'json' }
  | { kind: 'logfmt' }
  | { kind: 'regexp'; pattern: string }
  | { kind: 'label'; matcher: Matcher }
  | { kind: 'number'; name: string; op: NumberOp; value: number };

export type NumberOp = '=' | '==' | '!=' | '>' | '>=' | '<' | '<=';

/** The query is wrong, or asks for more than the log store answers. `message` reads as Loki's own. */
export class LogQlError extends Error {}
