import type { AggregationOp, MetricQuery, RangeOp } from './query.ts';
import { readArithmetic } from './readArithmetic.ts';
import { readLog } from './readLog.ts';
import { type QueryNode, durationMs, refuse } from './readTree.ts';

const rangeOps: readonly string[] = ['count_over_time', 'rate', 'bytes_over_time', 'bytes_rate'] satisfies RangeOp[];
const aggregationOps: readonly string[] = ['sum', 'min', 'max', 'avg', 'count'] satisfies AggregationOp[];

/** Reads what counts lines. */
export function readMetric(node: QueryNode): MetricQuery {
  switch (node.name) {
    case 'Expr':
    case 'MetricExpr':
      return readMetric(node.children[0] ?? refuse(node));
    case 'RangeAggregationExpr':
      return readRange(node);
    case 'VectorAggregationExpr':
      return readAggregation(node);
    case 'BinOpExpr':
      return readArithmetic(node);
    case 'VectorExpr':
      return { kind: 'vector', value: Number(node.find('Number')?.text) };
    default:
      return refuse(node);
  }
}

function readRange(node: QueryNode): MetricQuery {
  const op = node.child('RangeOp')?.text ?? '';
  const range = node.child('LogRangeExpr');
  const more = node.find('UnwrapExpr') ?? node.find('OffsetExpr') ?? node.child('Grouping');
  if (!rangeOps.includes(op) || !range || more) {
    return refuse(more ?? node);
  }
  const rangeMs = durationMs(range.child('Range')?.find('Duration')?.text ?? '');
  return { kind: 'range', op: op as RangeOp, of: readLog(range), rangeMs };
}

function readAggregation(node: QueryNode): MetricQuery {
  const op = node.child('VectorOp')?.text ?? '';
  const of = node.child('MetricExpr');
  if (!of || !aggregationOps.includes(op)) {
    return refuse(node);
  }
  const grouping = node.child('Grouping');
  const names = grouping?.findAll('Identifier').map((label) => label.text) ?? null;
  const without = Boolean(grouping?.child('Without'));
  return {
    kind: 'aggregation',
    op: op as AggregationOp,
    of: readMetric(of),
    by: without ? null : names,
    without: without ? names : null,
  };
}
