import { compileLinePattern } from './linePattern.ts';
import type { Stage } from './query.ts';
import { compileRegex } from './regex.ts';

/** What a parser reads from a line, in the order of the line; `error` where the line is not of its kind. */
export type Parsed = { fields: Array<[string, string]>; error?: { kind: string; details: string } };
export type LineParser = (line: string) => Parsed;

export function lineParserOf(stage: Extract<Stage, { kind: 'json' | 'logfmt' | 'regexp' | 'pattern' }>): LineParser {
  switch (stage.kind) {
    case 'json':
      return readJson;
    case 'logfmt':
      return readLogfmt;
    case 'pattern': {
      const match = compileLinePattern(stage.pattern);
      return (line) => ({ fields: Object.entries(match(line)) });
    }
    case 'regexp': {
      const pattern = compileRegex(stage.pattern);
      const names = Object.keys(pattern.namedGroups());
      return (line) => {
        const match = pattern.matcher(line);
        return { fields: match.find() ? names.map((name) => [name, match.group(name) ?? '']) : [] };
      };
    }
  }
}

function readJson(line: string): Parsed {
  try {
    // Numbers stay as they are written: 1.0, and more digits than a double holds.
    const keepNumber = (_key: string, value: unknown, context?: { source?: string }) =>
      typeof value === 'number' ? (context?.source ?? String(value)) : value;
    const value: unknown = JSON.parse(line, keepNumber);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { fields: flatten(value, '') };
    }
    return { fields: [], error: { kind: 'JSONParserErr', details: 'Value is not an object' } };
  } catch (error) {
    return { fields: [], error: { kind: 'JSONParserErr', details: error instanceof Error ? error.message : '' } };
  }
}

/** Keys of objects within are joined with `_`; arrays and null are passed over. */
function flatten(value: object, prefix: string): Array<[string, string]> {
  return Object.entries(value).flatMap(([key, item]: [string, unknown]): Array<[string, string]> => {
    const name = `${prefix}${labelName(key)}`;
    if (typeof item === 'object' && item !== null && !Array.isArray(item)) {
      return flatten(item, `${name}_`);
    }
    return Array.isArray(item) || item === null ? [] : [[name, String(item)]];
  });
}

/** Keys without a value are passed over. */
function readLogfmt(line: string): Parsed {
  const fields: Array<[string, string]> = [];
  for (const [, name = '', quoted, plain = ''] of line.matchAll(/([^\s="]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))/g)) {
    const value = quoted === undefined ? plain : unescape(quoted);
    if (value !== '') {
      fields.push([labelName(name), value]);
    }
  }
  return { fields };
}

const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

function unescape(quoted: string): string {
  return quoted.replaceAll(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_all, code?: string, plain = '') =>
    code ? String.fromCharCode(parseInt(code, 16)) : (escapes[plain] ?? plain)
  );
}

/** A key as the name of a label: what may not stand in one becomes `_`. */
function labelName(key: string): string {
  const name = key.replaceAll(/[^A-Za-z0-9_]/g, '_');
  return /^\d/.test(name) ? `_${name}` : name;
}
