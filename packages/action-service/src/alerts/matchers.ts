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
/** A repeated group that itself repeats, e.g. `(a+)+`: exponential in JavaScript, harmless in Go. */
const NESTED_REPETITION = /\([^()]*[+*}][^()]*\)\s*[+*{]/;
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
  if (NESTED_REPETITION.test(value)) {
    throw new MatcherError(
      `The expression ${JSON.stringify(value)} repeats a group that repeats: write it without the nesting.`
    );
  }
  try {
    return new RegExp(`^(?:${value})$`, 's');
  } catch {
    throw new MatcherError(`The expression ${JSON.stringify(value)} is not a regular expression: check its brackets.`);
  }
}
