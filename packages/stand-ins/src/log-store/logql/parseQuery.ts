import type { SyntaxNode } from '@lezer/common';
import { parser } from '@grafana/lezer-logql';
import { children, durationMs, find, findAll, unquote } from './readTree.ts';
import {
  LogQlError,
  type LogQuery,
  type Matcher,
  type MatchOp,
  type MetricQuery,
  type NumberOp,
  type Query,
  type Stage,
} from './query.ts';

const supported =
  'The embedded log store answers selectors, line filters, json, logfmt, regexp, label filters, count_over_time, rate, bytes_over_time, bytes_rate, and sum, min, max, avg, count with by or without.';

/**
 * Reads a query of the supported subset.
 * @throws LogQlError for a query that is wrong, and for one that asks for more
 */
export function parseQuery(text: string): Query {
  const tree = parser.parse(text);
  refuseErrors(tree.topNode, text);
  const expression = tree.topNode.getChild('Expr');
  if (!expression) {
    throw new LogQlError('parse error : syntax error: unexpected $end');
  }
  return readExpression(expression, text);
}

function refuseErrors(top: SyntaxNode, text: string): void {
  const cursor = top.cursor();
  do {
    if (cursor.type.isError) {
      const found = text.slice(cursor.from, Math.max(cursor.to, cursor.from + 1)) || '$end';
      throw new LogQlError(`parse error at line 1, col ${cursor.from + 1}: syntax error: unexpected ${found}`);
    }
  } while (cursor.next());
}

function readExpression(node: SyntaxNode, text: string): Query {
  const inner = node.firstChild;
  if (inner?.name === 'LogExpr') {
    return readLog(inner, text);
  }
  return readMetric(inner ?? node, text);
}

function readMetric(node: SyntaxNode, text: string): MetricQuery {
  const inner = node.name === 'MetricExpr' || node.name === 'Expr' ? node.firstChild : node;
  switch (inner?.name) {
    case 'MetricExpr':
      return readMetric(inner, text);
    case 'RangeAggregationExpr':
      return readRange(inner, text);
    case 'VectorAggregationExpr':
      return readVector(inner, text);
    case 'BinOpExpr':
      return readBinary(inner, text);
    case 'VectorExpr':
      return { kind: 'constant', value: Number(source(find(inner, 'Number'), text)), series: true };
    case 'LiteralExpr':
      return { kind: 'constant', value: Number(source(inner, text)), series: false };
    default:
      return refuse(inner ?? node, text);
  }
}

function readRange(node: SyntaxNode, text: string): MetricQuery {
  const op = source(node.getChild('RangeOp'), text);
  if (op !== 'count_over_time' && op !== 'rate' && op !== 'bytes_over_time' && op !== 'bytes_rate') {
    return refuse(node.getChild('RangeOp') ?? node, text);
  }
  const range = node.getChild('LogRangeExpr');
  if (!range || find(range, 'UnwrapExpr') || find(range, 'OffsetExpr') || node.getChild('Grouping')) {
    return refuse(range ?? node, text);
  }
  return { kind: 'range', op, of: readLog(range, text), rangeMs: durationMs(source(find(range, 'Duration'), text)) };
}

function readVector(node: SyntaxNode, text: string): MetricQuery {
  const op = source(node.getChild('VectorOp'), text);
  const of = node.getChild('MetricExpr');
  if (!of || !['sum', 'min', 'max', 'avg', 'count'].includes(op)) {
    return refuse(node.getChild('VectorOp') ?? node, text);
  }
  const grouping = node.getChild('Grouping');
  const names = grouping ? findAll(grouping, ['Identifier']).map((label) => source(label, text)) : null;
  const without = grouping ? grouping.getChild('Without') !== null : false;
  return { kind: op as 'sum', of: readMetric(of, text), by: without ? null : names, without: without ? names : null };
}

function readBinary(node: SyntaxNode, text: string): MetricQuery {
  const [left, ...rest] = children(node);
  const right = rest.at(-1);
  const op = rest.map((part) => source(part, text)).find((part) => ['+', '-', '*', '/'].includes(part));
  if (!left || !right || !op) {
    return refuse(node, text);
  }
  return { kind: 'binary', op: op as '+', left: readMetric(left, text), right: readMetric(right, text) };
}

function readLog(node: SyntaxNode, text: string): LogQuery {
  const selector = find(node, 'Selector');
  if (!selector) {
    return refuse(node, text);
  }
  const matchers = findAll(selector, ['Matcher']).map((matcher) => readMatcher(matcher, text));
  if (!matchers.some((matcher) => !matchesEmpty(matcher))) {
    throw new LogQlError(
      'parse error : queries require at least one regexp or equality matcher that does not have an empty-compatible value'
    );
  }
  const stages = findAll(node, ['PipelineStage']).flatMap((stage) => readStage(stage, text));
  return { kind: 'log', matchers, stages };
}

function matchesEmpty({ op, value }: Matcher): boolean {
  return op === '=' ? value === '' : op === '=~' ? regex(`^(?:${value})$`).test('') : true;
}

function readMatcher(node: SyntaxNode, text: string): Matcher {
  const [name, op, value] = children(node).map((part) => source(part, text));
  const matcher: Matcher = { name: name ?? '', op: op as MatchOp, value: unquote(value ?? '""') };
  if (matcher.op === '=~' || matcher.op === '!~') {
    regex(matcher.value);
  }
  return matcher;
}

function readStage(stage: SyntaxNode, text: string): Stage[] {
  const inner = children(stage).find((child) => child.name !== 'Pipe');
  switch (inner?.name) {
    case 'LineFilters':
      return findAll(inner, ['LineFilter']).map((filter) => readLineFilter(filter, text));
    case 'LogfmtParser':
      return [{ kind: 'logfmt' }];
    case 'LabelParser':
      return [readParser(inner, text)];
    case 'LabelFilter':
      return [readLabelFilter(inner, text)];
    default:
      return refuse(inner ?? stage, text);
  }
}

function readLineFilter(node: SyntaxNode, text: string): Stage {
  const op = source(node.getChild('Filter'), text) as '|=';
  const anyOf = findAll(node, ['String']).map((literal) => unquote(source(literal, text)));
  if (!['|=', '!=', '|~', '!~'].includes(op) || find(node, 'FilterOp')) {
    return refuse(node, text);
  }
  if (op.endsWith('~')) {
    anyOf.forEach(regex);
  }
  return { kind: 'line', op, anyOf };
}

function readParser(node: SyntaxNode, text: string): Stage {
  if (node.getChild('Json')) {
    return { kind: 'json' };
  }
  const pattern = node.getChild('String');
  if (node.getChild('Regexp') && pattern) {
    const written = unquote(source(pattern, text));
    if (!/\(\?P?<\w+>/.test(written)) {
      throw new LogQlError('parse error : stage regexp: at least one named capture must be supplied');
    }
    regex(written);
    return { kind: 'regexp', pattern: written };
  }
  return refuse(node, text);
}

function readLabelFilter(node: SyntaxNode, text: string): Stage {
  const inner = node.firstChild;
  if (inner?.name === 'Matcher') {
    return { kind: 'label', matcher: readMatcher(inner, text) };
  }
  if (inner?.name === 'NumberFilter') {
    const [name, op, value] = children(inner).map((part) => source(part, text));
    return { kind: 'number', name: name ?? '', op: op as NumberOp, value: Number(value) };
  }
  return refuse(inner ?? node, text);
}

/** A regular expression of RE2 as JavaScript has it: named groups are written otherwise, and the (?i) prefix is a flag. */
export function regex(pattern: string): RegExp {
  const insensitive = pattern.startsWith('(?i)');
  const body = (insensitive ? pattern.slice(4) : pattern).replaceAll('(?P<', '(?<');
  try {
    return new RegExp(body, insensitive ? 'i' : '');
  } catch (error) {
    throw new LogQlError(`parse error : error parsing regexp: ${error instanceof Error ? error.message : pattern}`);
  }
}

function source(node: SyntaxNode | null | undefined, text: string): string {
  return node ? text.slice(node.from, node.to) : '';
}

function refuse(node: SyntaxNode, text: string): never {
  throw new LogQlError(`not supported by the embedded log store: ${source(node, text) || node.name}. ${supported}`);
}
