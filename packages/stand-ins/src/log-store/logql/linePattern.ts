import { LogQlError } from './query.ts';

type Part = { literal: string } | { capture: string };

/**
 * Reads the expression of a `pattern` stage, such as `<ip> - <_> "<method> <path>`; `<_>` captures without a name.
 * Answers what it finds in a line, by name. A literal that is missing ends the search: the capture before it takes the rest.
 * @throws LogQlError without a named capture, with one twice, and for two captures in a row
 */
export function compileLinePattern(expression: string): (line: string) => Record<string, string> {
  const parts = partsOf(expression);
  refuseAmbiguous(parts);
  return (line) => matchParts(parts, line);
}

function partsOf(expression: string): Part[] {
  return expression
    .split(/(<[A-Za-z_]\w*>)/)
    .filter((text) => text !== '')
    .map((text) => (/^<[A-Za-z_]\w*>$/.test(text) ? { capture: text.slice(1, -1) } : { literal: text }));
}

function refuseAmbiguous(parts: readonly Part[]): void {
  const names = parts.flatMap((part) => ('capture' in part && part.capture !== '_' ? [part.capture] : []));
  const refuse = (reason: string): never => {
    throw new LogQlError(`parse error : invalid pattern parser: ${reason}`);
  };
  if (names.length === 0) {
    refuse('at least one capture is required');
  }
  parts.forEach((part, index) => {
    const next = parts[index + 1];
    if (next && 'capture' in part && 'capture' in next) {
      refuse(`found consecutive capture '<${part.capture}><${next.capture}>': invalid expression`);
    }
  });
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) {
    refuse(`duplicate capture name (${twice}): invalid expression`);
  }
}

function matchParts(parts: readonly Part[], line: string): Record<string, string> {
  const found: Record<string, string> = {};
  const keep = (name: string, value: string) => {
    if (name !== '_') {
      found[name] = value;
    }
  };
  const [first] = parts;
  if (line === '' || (first && 'literal' in first && !line.startsWith(first.literal))) {
    return found;
  }
  let rest = first && 'literal' in first ? line.slice(first.literal.length) : line;
  for (const [index, part] of parts.entries()) {
    if ('literal' in part) {
      continue;
    }
    const next = parts[index + 1];
    const at = next && 'literal' in next ? rest.indexOf(next.literal) : -1;
    if (!next || !('literal' in next) || at < 0) {
      keep(part.capture, rest);
      return found;
    }
    keep(part.capture, rest.slice(0, at));
    rest = rest.slice(at + next.literal.length);
  }
  return found;
}
