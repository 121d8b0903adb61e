import type { Labels } from '@dfr-ops/contracts';

export type Matcher = {
  name: string;
  operator: '=' | '!=' | '=~' | '!~';
  value: string;
  matches: (labels: Labels) => boolean;
};

/** A filter that cannot be understood; `message` says what is wrong and how it is written. */
export class MatcherError extends Error {}

const SYNTAX = /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^"]*?))\s*$/;
/** So many repetitions and groups may follow each other: each one more multiplies what JavaScript may have to try. */
const MOST_CHOICES = 3;
const LONGEST = 300;

/**
 * Reads one matcher as Alertmanager writes it: `name="value"`, `!=`, `=~`, `!~`; quotes may be left out.
 * Regular expressions are anchored at both ends, and a missing label counts as empty, as in Alertmanager.
 * @throws MatcherError
 */
export function parseMatcher(text: string): Matcher {
  const found = text.length <= LONGEST ? SYNTAX.exec(text) : null;
  if (found === null) {
    throw new MatcherError(
      `The filter ${JSON.stringify(text.slice(0, 80))} is not a matcher: write it like severity="critical" or service=~"odoo|nginx".`
    );
  }
  const name = found[1]!;
  const operator = found[2] as Matcher['operator'];
  const value = found[3] === undefined ? found[4]! : unescape(found[3]);
  return { name, operator, value, matches: test(name, operator, value) };
}

/** Alertmanager unescapes these three and leaves every other backslash to the regular expression. */
function unescape(quoted: string): string {
  return quoted.replace(/\\([n"\\])/g, (_, char: string) => (char === 'n' ? '\n' : char));
}

function test(name: string, operator: Matcher['operator'], value: string): Matcher['matches'] {
  if (operator === '=' || operator === '!=') {
    return (labels) => ((labels[name] ?? '') === value) === (operator === '=');
  }
  const expression = compile(value);
  return (labels) => expression.test(labels[name] ?? '') === (operator === '=~');
}

function compile(value: string): RegExp {
  if (isCostly(value)) {
    throw new MatcherError(
      `The expression ${JSON.stringify(value)} repeats a group, or has more than ${MOST_CHOICES} repetitions and groups: write it simpler.`
    );
  }
  try {
    return new RegExp(`^(?:${value})$`, 's');
  } catch {
    throw new MatcherError(`The expression ${JSON.stringify(value)} is not a regular expression: check its brackets.`);
  }
}

/** Expressions that are harmless in Go can hold JavaScript up for years: `(.|.)*x`, `.*.*.*.*.*.*x`. */
function isCostly(value: string): boolean {
  const bare = value
    .replace(/\\./g, 'x')
    .replace(/\[[^\]]*\]/g, 'x')
    .replace(/\(\?/g, '(');
  // Of alternatives at the top only one is gone through to its end.
  const branches = bare.includes('(') ? [bare] : bare.split('|');
  return /\)[*+{]/.test(bare) || branches.some((branch) => (branch.match(/[(*+?{]/g) ?? []).length > MOST_CHOICES);
}
