/** What a LogQL query of the supported subset comes down to. Durations are in milliseconds. */
export type Query = LogQuery | MetricQuery;

export interface LogQuery {
  kind: 'log';
  matchers: Matcher[];
  stages: Stage[];
}

export type RangeOp = 'count_over_time' | 'rate' | 'bytes_over_time' | 'bytes_rate';
export type AggregationOp = 'sum' | 'min' | 'max' | 'avg' | 'count';
export type ArithmeticOp = '+' | '-' | '*' | '/';
export type CompareOp = '==' | '!=' | '>' | '>=' | '<' | '<=';

export type RangeQuery = { kind: 'range'; op: RangeOp; of: LogQuery; rangeMs: number };
/** At most one of `by` and `without` is set; with neither, everything is one series. */
export type AggregationQuery = {
  kind: 'aggregation';
  op: AggregationOp;
  of: MetricQuery;
  by: string[] | null;
  without: string[] | null;
};
export type MetricQuery =
  | RangeQuery
  | AggregationQuery
  /** `vector(n)`: one series without labels. */
  | { kind: 'vector'; value: number }
  | { kind: 'arithmetic'; op: ArithmeticOp; left: MetricQuery; right: MetricQuery }
  | { kind: 'withNumber'; op: ArithmeticOp; of: MetricQuery; value: number; numberFirst: boolean }
  | { kind: 'comparison'; op: CompareOp; of: MetricQuery; value: number };

export type MatchOp = '=' | '!=' | '=~' | '!~';
export interface Matcher {
  name: string;
  op: MatchOp;
  value: string;
}

export type LineOp = '|=' | '!=' | '|~' | '!~';
export type LabelFilter =
  | { kind: 'text'; matcher: Matcher }
  | { kind: 'number'; name: string; op: CompareOp; value: number }
  | { kind: 'and' | 'or'; left: LabelFilter; right: LabelFilter };
export type Stage =
  | { kind: 'line'; op: LineOp; anyOf: string[] }
  | { kind: 'json' }
  | { kind: 'logfmt' }
  | { kind: 'regexp'; pattern: string }
  | { kind: 'pattern'; pattern: string }
  | { kind: 'labels'; filter: LabelFilter }
  | { kind: 'drop' | 'keep'; names: string[] };

/** The query is wrong, or asks for more than the log store answers. `message` reads as Loki's own. */
export class LogQlError extends Error {}
