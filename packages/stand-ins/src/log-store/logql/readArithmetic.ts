import type { ArithmeticOp, CompareOp, MetricQuery } from './query.ts';
import { readMetric } from './readMetric.ts';
import { type QueryNode, refuse } from './readTree.ts';

type Operand = number | MetricQuery;

/** From the weakest to the strongest. */
const precedence: ReadonlyArray<readonly string[]> = [
  ['==', '!=', '>', '>=', '<', '<='] satisfies CompareOp[],
  ['+', '-'] satisfies ArithmeticOp[],
  ['*', '/'] satisfies ArithmeticOp[],
];

/**
 * Reads `a + b * c > 5`. The grammar's tree does not know that `*` binds tighter than `+`: operands and operators are
 * taken from it in the order of the text, and put together here.
 */
export function readArithmetic(node: QueryNode): MetricQuery {
  const { operands, operators } = chainOf(node);
  const strange = operators.find((operator) => !precedence.flat().includes(operator.text));
  if (strange) {
    return refuse(node);
  }
  const operand = fold(node, operands, operators, 0);
  // A number alone counts no lines.
  return typeof operand === 'number' ? refuse(node) : operand;
}

interface Chain {
  operands: QueryNode[];
  operators: QueryNode[];
}

function chainOf(node: QueryNode): Chain {
  const [left, operator, ...rest] = node.children;
  const right = rest.at(-1);
  if (!left || !operator || !right || node.child('BinOpModifier')?.text) {
    return refuse(node);
  }
  const [before, after] = [partOf(left), partOf(right)];
  return {
    operands: [...before.operands, ...after.operands],
    operators: [...before.operators, operator, ...after.operators],
  };
}

/** An operand, or the rest of the chain; what stands in brackets is an operand. */
function partOf(expression: QueryNode): Chain {
  const chain = expression.children[0]?.children[0];
  return chain?.name === 'BinOpExpr' ? chainOf(chain) : { operands: [expression], operators: [] };
}

function fold(whole: QueryNode, operands: QueryNode[], operators: QueryNode[], level: number): Operand {
  const ops = precedence[level];
  if (!ops) {
    const [only] = operands;
    return only ? (numberOf(only) ?? readMetric(only)) : refuse(whole);
  }
  const at = operators.findLastIndex((operator) => ops.includes(operator.text));
  if (at < 0) {
    return fold(whole, operands, operators, level + 1);
  }
  const left = fold(whole, operands.slice(0, at + 1), operators.slice(0, at), level);
  const right = fold(whole, operands.slice(at + 1), operators.slice(at + 1), level + 1);
  return join(whole, operators[at]?.text ?? '', left, right);
}

function join(whole: QueryNode, op: string, left: Operand, right: Operand): Operand {
  if (precedence[0]?.includes(op)) {
    return typeof left === 'number' || typeof right !== 'number'
      ? refuse(whole)
      : { kind: 'comparison', op: op as CompareOp, of: left, value: right };
  }
  const arithmetic = op as ArithmeticOp;
  if (typeof left === 'number') {
    return typeof right === 'number'
      ? reckon[arithmetic](left, right)
      : { kind: 'withNumber', op: arithmetic, of: right, value: left, numberFirst: true };
  }
  return typeof right === 'number'
    ? { kind: 'withNumber', op: arithmetic, of: left, value: right, numberFirst: false }
    : { kind: 'arithmetic', op: arithmetic, left, right };
}

function numberOf(node: QueryNode): number | null {
  if (node.name === 'LiteralExpr') {
    return Number(node.text.replaceAll(/\s/g, ''));
  }
  const [only, ...rest] = node.children;
  return (node.name === 'Expr' || node.name === 'MetricExpr') && only && rest.length === 0 ? numberOf(only) : null;
}

export const reckon: Record<ArithmeticOp, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => (b === 0 ? NaN : a / b),
};
