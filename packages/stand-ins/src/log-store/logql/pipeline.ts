import { regex } from './parseQuery.ts';
import type { Matcher, Stage } from './query.ts';

export type LabelSet = Readonly<Record<string, string>>;

/** Tells whether labels satisfy every matcher; a label that is missing counts as empty, as in Loki. */
export function matcherOf(matchers: readonly Matcher[]): (labels: LabelSet) => boolean {
  const tests = matchers.map(({ name, op, value }) => {
    const full = op.endsWith('~') ? anchored(value) : null;
    const positive = op === '=' || op === '=~';
    return (labels: LabelSet) => (full ? full.test(labels[name] ?? '') : (labels[name] ?? '') === value) === positive;
  });
  return (labels) => tests.every((test) => test(labels));
}

function anchored(pattern: string): RegExp {
  const inner = regex(pattern);
  return new RegExp(`^(?:${inner.source})$`, `${inner.flags}s`);
}

/** Runs a line through the stages: its labels afterwards, or null when a filter drops it. */
export function pipelineOf(stages: readonly Stage[]): (line: string, labels: LabelSet) => LabelSet | null {
  const steps = stages.map(stepOf);
  return (line, labels) => {
    let current: LabelSet | null = labels;
    for (const step of steps) {
      current = step(line, current);
      if (!current) {
        return null;
      }
    }
    return current;
  };
}

type Step = (line: string, labels: LabelSet) => LabelSet | null;

function stepOf(stage: Stage): Step {
  switch (stage.kind) {
    case 'line':
      return lineStep(stage);
    case 'json':
      return (line, labels) => withParsed(labels, parseJson(line));
    case 'logfmt':
      return (line, labels) => withParsed(labels, parseLogfmt(line));
    case 'regexp': {
      const pattern = regex(stage.pattern);
      return (line, labels) => withParsed(labels, { ...pattern.exec(line)?.groups });
    }
    case 'label': {
      const matches = matcherOf([stage.matcher]);
      return (_line, labels) => (matches(labels) ? labels : null);
    }
    case 'number':
      return numberStep(stage);
  }
}

function lineStep({ op, anyOf }: Extract<Stage, { kind: 'line' }>): Step {
  const patterns = op.endsWith('~') ? anyOf.map(regex) : null;
  const found = (line: string) =>
    patterns ? patterns.some((pattern) => pattern.test(line)) : anyOf.some((part) => line.includes(part));
  const wanted = op.startsWith('|');
  return (line, labels) => (found(line) === wanted ? labels : null);
}

function numberStep({ name, op, value }: Extract<Stage, { kind: 'number' }>): Step {
  const holds: Record<string, (x: number) => boolean> = {
    '=': (x) => x === value,
    '==': (x) => x === value,
    '!=': (x) => x !== value,
    '>': (x) => x > value,
    '>=': (x) => x >= value,
    '<': (x) => x < value,
    '<=': (x) => x <= value,
  };
  return (_line, labels) => {
    const text = labels[name];
    const number = Number(text);
    return text !== undefined && text !== '' && Number.isFinite(number) && holds[op]?.(number) ? labels : null;
  };
}

/** A label that the stream has already stays; the parsed one gets `_extracted` behind its name, as in Loki. */
function withParsed(labels: LabelSet, parsed: Record<string, string> | null): LabelSet {
  if (!parsed) {
    return { ...labels, __error__: 'JSONParserErr' };
  }
  const merged: Record<string, string> = { ...labels };
  for (const [name, value] of Object.entries(parsed)) {
    merged[name in labels ? `${name}_extracted` : name] = value;
  }
  return merged;
}

function parseJson(line: string): Record<string, string> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? flatten(value, '') : null;
  } catch {
    return null;
  }
}

function flatten(value: object, prefix: string): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [key, item] of Object.entries(value)) {
    const name = `${prefix}${key.replaceAll(/\W/g, '_')}`;
    if (typeof item === 'object' && item !== null && !Array.isArray(item)) {
      Object.assign(flat, flatten(item, `${name}_`));
    } else if (!Array.isArray(item) && item !== null) {
      flat[name] = String(item);
    }
  }
  return flat;
}

function parseLogfmt(line: string): Record<string, string> {
  const parsed: Record<string, string> = {};
  for (const [, name, quoted, plain] of line.matchAll(/([\w.-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))/g)) {
    parsed[(name ?? '').replaceAll(/\W/g, '_')] =
      quoted === undefined ? (plain ?? '') : quoted.replaceAll(/\\(.)/g, '$1');
  }
  return parsed;
}
