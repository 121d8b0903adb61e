import { labelFilterOf } from './labelFilter.ts';
import { lineParserOf, type LineParser } from './lineParsers.ts';
import type { LabelSet } from './matchers.ts';
import type { Stage } from './query.ts';
import { compileRegex } from './regex.ts';

/** Runs a line through the stages: its labels afterwards, or null when a filter drops it. */
export function pipelineOf(stages: readonly Stage[]): (line: string, labels: LabelSet) => LabelSet | null {
  const steps = stages.map(stepOf);
  return (line, base) => {
    let current: LabelSet | null = base;
    for (const step of steps) {
      current = step(line, current, base);
      if (!current) {
        return null;
      }
    }
    return current;
  };
}

/** `base`: the labels that the line came with. */
type Step = (line: string, labels: LabelSet, base: LabelSet) => LabelSet | null;

function stepOf(stage: Stage): Step {
  switch (stage.kind) {
    case 'line':
      return lineStep(stage);
    case 'labels':
      return labelFilterOf(stage.filter);
    case 'drop':
      return (_line, labels) => pick(labels, (name) => !stage.names.includes(name));
    case 'keep':
      return (_line, labels) => pick(labels, (name) => name.startsWith('__error') || stage.names.includes(name));
    default:
      return parseStep(lineParserOf(stage));
  }
}

function pick(labels: LabelSet, wanted: (name: string) => boolean): LabelSet {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => wanted(name)));
}

function lineStep({ op, anyOf }: Extract<Stage, { kind: 'line' }>): Step {
  const patterns = op.endsWith('~') ? anyOf.map((pattern) => compileRegex(pattern)) : null;
  const found = (line: string) =>
    patterns ? patterns.some((pattern) => pattern.test(line)) : anyOf.some((part) => line.includes(part));
  const wanted = op.startsWith('|');
  return (line, labels) => (found(line) === wanted ? labels : null);
}

/** A name that the line came with gets `_extracted` behind it; of several values of a name the first stays. */
function parseStep(parse: LineParser): Step {
  return (line, labels, base) => {
    const { fields, error } = parse(line);
    const merged: Record<string, string> = { ...labels };
    for (const [field, value] of fields) {
      const name = Object.hasOwn(base, field) ? `${field}_extracted` : field;
      if (name !== '' && !Object.hasOwn(merged, name)) {
        merged[name] = value;
      }
    }
    return error ? { ...merged, __error__: error.kind, __error_details__: error.details } : merged;
  };
}
