import { parser } from '@grafana/lezer-logql';
import type { SyntaxNode } from '@lezer/common';
import { LogQlError, type Matcher, type Query } from './query.ts';
import { readLog, readSelector, selectsEverything } from './readLog.ts';
import { readMetric } from './readMetric.ts';
import { QueryNode } from './readTree.ts';

/**
 * Reads a query of the subset that docs/logql.md describes.
 * @throws LogQlError for a query that is wrong, and for one that asks for more
 */
export function parseQuery(text: string): Query {
  const expression = expressionOf(text);
  return expression.name === 'LogExpr' ? readLog(expression) : readMetric(expression);
}

/** The matchers of a selector alone; `{}` selects everything. @throws LogQlError for anything behind it */
export function parseSelector(text: string): Matcher[] {
  if (emptySelector.test(text)) {
    return [];
  }
  const expression = expressionOf(text);
  if (expression.name !== 'LogExpr' || expression.find('PipelineExpr')) {
    throw new LogQlError('only label matchers are supported');
  }
  return readSelector(expression);
}

// The grammar has no selector without matchers.
const emptySelector = /^\s*\{\s*\}\s*$/;

function expressionOf(text: string): QueryNode {
  if (text.trim() === '') {
    throw new LogQlError('parse error : syntax error: unexpected $end');
  }
  if (emptySelector.test(text)) {
    throw new LogQlError(selectsEverything);
  }
  const tree = parser.parse(text);
  refuseErrors(tree.topNode, text);
  const expression = tree.topNode.getChild('Expr')?.firstChild;
  if (!expression) {
    throw new LogQlError(`parse error at line 1, col 1: syntax error: unexpected ${text}`);
  }
  return new QueryNode(expression, text);
}

function refuseErrors(top: SyntaxNode, text: string): void {
  const cursor = top.cursor();
  do {
    if (cursor.type.isError) {
      const found = text.slice(cursor.from, Math.max(cursor.to, cursor.from + 1)) || '$end';
      const before = text.slice(0, cursor.from).split('\n');
      const column = (before.at(-1)?.length ?? 0) + 1;
      throw new LogQlError(`parse error at line ${before.length}, col ${column}: syntax error: unexpected ${found}`);
    }
  } while (cursor.next());
}
