import { matcherOf, type LabelSet } from './matchers.ts';
import type { CompareOp, LabelFilter } from './query.ts';

export const compare: Record<CompareOp, (a: number, b: number) => boolean> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
};

/** The labels when the filter lets them through, else null. */
export function labelFilterOf(filter: LabelFilter): (line: string, labels: LabelSet) => LabelSet | null {
  switch (filter.kind) {
    case 'text': {
      const matches = matcherOf([filter.matcher]);
      return (_line, labels) => (matches(labels) ? labels : null);
    }
    case 'number':
      return numberFilter(filter);
    case 'and': {
      const [left, right] = [labelFilterOf(filter.left), labelFilterOf(filter.right)];
      return (line, labels) => {
        const kept = left(line, labels);
        return kept && right(line, kept);
      };
    }
    case 'or': {
      const [left, right] = [labelFilterOf(filter.left), labelFilterOf(filter.right)];
      return (line, labels) => left(line, labels) ?? right(line, labels);
    }
  }
}

/** A line whose label is no number stays, with an error on it, as in Loki; one without the label goes. */
function numberFilter({ name, op, value }: Extract<LabelFilter, { kind: 'number' }>) {
  return (_line: string, labels: LabelSet): LabelSet | null => {
    const text = labels[name];
    if (text === undefined || text === '') {
      return null;
    }
    const number = Number(text);
    if (!Number.isFinite(number)) {
      const details = `${JSON.stringify(text)} is not a number`;
      return labels['__error__'] ? labels : { ...labels, __error__: 'LabelFilterErr', __error_details__: details };
    }
    return compare[op](number, value) ? labels : null;
  };
}
