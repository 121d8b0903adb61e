import { compileLinePattern } from './linePattern.ts';
import { matcherOf } from './matchers.ts';
import {
  LogQlError,
  type CompareOp,
  type LabelFilter,
  type LineOp,
  type LogQuery,
  type Matcher,
  type MatchOp,
  type Stage,
} from './query.ts';
import { type QueryNode, refuse, unquote } from './readTree.ts';
import { compileAnchored, compileRegex } from './regex.ts';

export const selectsEverything =
  'parse error : queries require at least one regexp or equality matcher that does not have an empty-compatible value. ' +
  'For instance, app=~".*" does not meet this requirement, but app=~".+" will';

/** Reads `{…} | …`, from a LogExpr or a LogRangeExpr. */
export function readLog(node: QueryNode): LogQuery {
  const matchers = readSelector(node);
  if (matchers.every((matcher) => matcherOf([matcher])({}))) {
    throw new LogQlError(selectsEverything);
  }
  return { kind: 'log', matchers, stages: node.findAll('PipelineStage').flatMap(readStage) };
}

export function readSelector(node: QueryNode): Matcher[] {
  return (node.find('Selector') ?? refuse(node)).findAll('Matcher').map(readMatcher);
}

function readMatcher(node: QueryNode): Matcher {
  const [name, op, value] = node.children.map((part) => part.text);
  const matcher: Matcher = { name: name ?? '', op: op as MatchOp, value: unquote(value ?? '""') };
  if (matcher.op.endsWith('~')) {
    compileAnchored(matcher.value);
  }
  return matcher;
}

function readStage(stage: QueryNode): Stage[] {
  const inner = stage.children.find((child) => child.name !== 'Pipe') ?? stage;
  switch (inner.name) {
    case 'LineFilters':
      return inner.findAll('LineFilter').map(readLineFilter);
    case 'LogfmtParser':
      return inner.find('ParserFlag') ? refuse(inner) : [{ kind: 'logfmt' }];
    case 'LabelParser':
      return [readParser(inner)];
    case 'LabelFilter':
      return [{ kind: 'labels', filter: readLabelFilter(inner) }];
    case 'DropLabelsExpr':
      return [{ kind: 'drop', names: readNames(inner) }];
    case 'KeepLabelsExpr':
      return [{ kind: 'keep', names: readNames(inner) }];
    default:
      return refuse(inner);
  }
}

/** Names alone: `drop level="info"` looks at the value too. */
function readNames(node: QueryNode): string[] {
  return node.find('Matcher') ? refuse(node) : node.findAll('Identifier').map(({ text }) => text);
}

function readLineFilter(node: QueryNode): Stage {
  const op = node.child('Filter')?.text as LineOp;
  const anyOf = node.findAll('String').map((literal) => unquote(literal.text));
  if (!['|=', '!=', '|~', '!~'].includes(op) || node.find('FilterOp')) {
    return refuse(node);
  }
  if (op.endsWith('~')) {
    anyOf.forEach((pattern) => compileRegex(pattern, `stage '${node.text}' : `));
  }
  return { kind: 'line', op, anyOf };
}

function readParser(node: QueryNode): Stage {
  const expression = node.child('String');
  if (node.child('Json') && !expression) {
    return { kind: 'json' };
  }
  const pattern = expression ? unquote(expression.text) : '';
  if (node.child('Pattern')) {
    compileLinePattern(pattern);
    return { kind: 'pattern', pattern };
  }
  if (node.child('Regexp')) {
    if (Object.keys(compileRegex(pattern, 'invalid regexp parser: ').namedGroups()).length === 0) {
      throw new LogQlError('parse error : invalid regexp parser: at least one named capture must be supplied');
    }
    return { kind: 'regexp', pattern };
  }
  return refuse(node);
}

/** `a="b"`, `n > 5`, and both joined with and, or, comma and brackets. */
function readLabelFilter(node: QueryNode): LabelFilter {
  const [first, ...rest] = node.children;
  const last = rest.at(-1);
  if (first?.name === 'LabelFilter' && last?.name === 'LabelFilter') {
    return { kind: node.child('Or') ? 'or' : 'and', left: readLabelFilter(first), right: readLabelFilter(last) };
  }
  if (first?.name === 'LabelFilter' && rest.length === 0) {
    return readLabelFilter(first);
  }
  if (first?.name === 'Matcher') {
    return { kind: 'text', matcher: readMatcher(first) };
  }
  if (first?.name === 'NumberFilter') {
    const [name, op, value] = first.children.map((part) => part.text);
    return { kind: 'number', name: name ?? '', op: (op === '=' ? '==' : op) as CompareOp, value: Number(value) };
  }
  return refuse(node);
}
