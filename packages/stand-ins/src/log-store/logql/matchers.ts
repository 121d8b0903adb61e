import type { Matcher } from './query.ts';
import { compileAnchored } from './regex.ts';

export type LabelSet = Readonly<Record<string, string>>;

/** Tells whether labels satisfy every matcher; a label that is missing counts as empty, as in Loki. */
export function matcherOf(matchers: readonly Matcher[]): (labels: LabelSet) => boolean {
  const tests = matchers.map(({ name, op, value }) => {
    const full = op.endsWith('~') ? compileAnchored(value) : null;
    const positive = op === '=' || op === '=~';
    return (labels: LabelSet) => (full ? full.test(labels[name] ?? '') : (labels[name] ?? '') === value) === positive;
  });
  return (labels) => tests.every((test) => test(labels));
}
