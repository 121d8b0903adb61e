import type { SyntaxNode } from '@lezer/common';
import { LogQlError } from './query.ts';

/** A node with the text of the query that it was read from. */
export class QueryNode {
  readonly node: SyntaxNode;
  readonly #query: string;

  constructor(node: SyntaxNode, query: string) {
    this.node = node;
    this.#query = query;
  }

  get name(): string {
    return this.node.name;
  }

  get text(): string {
    return this.#query.slice(this.node.from, this.node.to);
  }

  get children(): QueryNode[] {
    const all: QueryNode[] = [];
    for (let child = this.node.firstChild; child; child = child.nextSibling) {
      all.push(new QueryNode(child, this.#query));
    }
    return all;
  }

  /** The child of this name. */
  child(name: string): QueryNode | null {
    return this.children.find((child) => child.name === name) ?? null;
  }

  /** First node of this name, in reading order, itself included. */
  find(name: string): QueryNode | null {
    return this.findAll(name)[0] ?? null;
  }

  /** All nodes of this name in reading order, itself included; what lies below a hit is not searched. */
  findAll(name: string): QueryNode[] {
    return this.name === name ? [this] : this.children.flatMap((child) => child.findAll(name));
  }
}

const supported =
  'selectors, line filters, the parsers json, logfmt, regexp and pattern, label filters, drop and keep, count_over_time, rate, bytes_over_time, bytes_rate, ' +
  'sum, min, max, avg and count with by or without, arithmetic, and comparison with a number';

/** Refuses what the subset does not have: what it is, why, and what to do. */
export function refuse(node: QueryNode): never {
  throw new LogQlError(
    `not supported by the embedded log store: ${node.text || node.name}. It stands in for Loki and answers ${supported} ` +
      '(docs/logql.md). Write the query with these, or install Loki: with it on the PATH the whole language is answered.'
  );
}

const escapes: Record<string, string> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

/** A quoted or backquoted string of the query as the text that it stands for. @throws LogQlError for an unknown escape */
export function unquote(literal: string): string {
  if (literal.startsWith('`')) {
    return literal.slice(1, -1);
  }
  return literal
    .slice(1, -1)
    .replaceAll(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([0-7]{3})|(.))/gi, readEscape);
}

function readEscape(all: string, x?: string, u?: string, long?: string, octal?: string, plain?: string): string {
  const code = x ?? u ?? long;
  if (code ?? octal) {
    return String.fromCodePoint(code ? parseInt(code, 16) : parseInt(octal ?? '', 8));
  }
  const stands = plain === undefined ? undefined : escapes[plain];
  if (stands === undefined) {
    throw new LogQlError(
      `parse error : invalid char escape: ${all}. Write \\${all} for a backslash, or use backquotes.`
    );
  }
  return stands;
}

const unitMs: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** `1m30s` in milliseconds. */
export function durationMs(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|[smhdwy])/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text) {
    throw new LogQlError(`parse error : not a valid duration string: "${text}"`);
  }
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (unitMs[unit ?? ''] ?? 0), 0);
}
