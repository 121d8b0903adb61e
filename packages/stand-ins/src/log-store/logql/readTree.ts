import type { SyntaxNode } from '@lezer/common';
import { LogQlError } from './query.ts';

/** First node of this name below `node`, in reading order, itself included; null when there is none. */
export function find(node: SyntaxNode, name: string): SyntaxNode | null {
  if (node.name === name) {
    return node;
  }
  for (let child = node.firstChild; child; child = child.nextSibling) {
    const found = find(child, name);
    if (found) {
      return found;
    }
  }
  return null;
}

/** All nodes of these names below `node`, in reading order; what lies below a hit is not searched. */
export function findAll(node: SyntaxNode, names: readonly string[]): SyntaxNode[] {
  if (names.includes(node.name)) {
    return [node];
  }
  return children(node).flatMap((child) => findAll(child, names));
}

export function children(node: SyntaxNode): SyntaxNode[] {
  const all: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    all.push(child);
  }
  return all;
}

/** A quoted or backquoted string of the query as the text that it stands for. */
export function unquote(literal: string): string {
  if (literal.startsWith('`')) {
    return literal.slice(1, -1);
  }
  try {
    return JSON.parse(literal) as string;
  } catch {
    throw new LogQlError(`parse error : literal not terminated or with an unknown escape: ${literal}`);
  }
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
