/** A rule as a rule file or a server's `/api/v1/rules` has it. */
export interface KnownRule {
  group: string;
  name: string;
  query: string;
  /** Seconds; 0 for recording rules. */
  forSeconds: number;
}

export interface RuleDrift {
  /** `missing`: rendered, and the server does not have it. `extra`: the other way round. */
  kind: 'missing' | 'extra' | 'expression' | 'for';
  group: string;
  name: string;
}

/**
 * How the rules that a server runs differ from those that were rendered for it. Servers answer expressions in a form of their own;
 * `format` brings one into the server's canonical form, and is asked only where the plain text differs. What it cannot format
 * counts as different.
 */
export async function compareRules(
  rendered: readonly KnownRule[],
  running: readonly KnownRule[],
  format: (query: string) => Promise<string>
): Promise<RuleDrift[]> {
  const [wanted, there] = [byKey(rendered), byKey(running)];
  const missing = [...wanted].filter(([key]) => !there.has(key)).map(([, rule]) => drift('missing', rule));
  const extra = [...there].filter(([key]) => !wanted.has(key)).map(([, rule]) => drift('extra', rule));
  const changed = await Promise.all(
    [...wanted].map(async ([key, rule]) => {
      const other = there.get(key);
      if (!other) {
        return [];
      }
      const expression = (await sameQuery(rule.query, other.query, format)) ? [] : [drift('expression', rule)];
      return rule.forSeconds === other.forSeconds ? expression : [...expression, drift('for', rule)];
    })
  );
  return [...missing, ...extra, ...changed.flat()];
}

function drift(kind: RuleDrift['kind'], { group, name }: KnownRule): RuleDrift {
  return { kind, group, name };
}

/** A group may have two rules of one name (two severities of one alert): they are told apart by their order. */
function byKey(rules: readonly KnownRule[]): Map<string, KnownRule> {
  const seen = new Map<string, number>();
  return new Map(
    rules.map((rule) => {
      const name = `${rule.group}\n${rule.name}`;
      const number = (seen.get(name) ?? 0) + 1;
      seen.set(name, number);
      return [`${name}\n${number}`, rule];
    })
  );
}

async function sameQuery(one: string, other: string, format: (query: string) => Promise<string>): Promise<boolean> {
  if (withoutSpace(one) === withoutSpace(other)) {
    return true;
  }
  const [first, second] = await Promise.all([format(one), format(other)].map((asked) => asked.catch(() => null)));
  return first !== null && first === second;
}

/** Spaces and comments outside of quotes mean nothing. */
function withoutSpace(query: string): string {
  return query.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|#[^\n]*|\s+/g, (part) =>
    /^["'`]/.test(part) ? part : ''
  );
}
