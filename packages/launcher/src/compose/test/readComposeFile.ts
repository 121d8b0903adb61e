import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { repoRoot } from '../../native/context.ts';
import type { ComposeProfile, ComposeSettings } from '../composeSettings.ts';
import { ComposeFile, type Service } from './composeSchema.ts';

/** docker-compose.yaml as YAML says it, merge keys resolved, extension fields (x-…) left out, `${…}` replaced. */
export function loadComposeFile(settings: ComposeSettings, file = 'docker-compose.yaml'): Record<string, unknown> {
  const text = readFileSync(join(repoRoot, file), 'utf8');
  const document = parse(text, { merge: true }) as Record<string, unknown>;
  const own = Object.entries(document).filter(([key]) => !key.startsWith('x-'));
  return interpolate(Object.fromEntries(own), settings) as Record<string, unknown>;
}

/** The same, held against the schema. Throws ZodError. */
export function readComposeFile(settings: ComposeSettings): ComposeFile {
  return ComposeFile.parse(loadComposeFile(settings));
}

export function servicesOf(compose: ComposeFile, profile: ComposeProfile): Array<[string, Service]> {
  return Object.entries(compose.services).filter(([, service]) => service.profiles.includes(profile));
}

function interpolate(value: unknown, settings: ComposeSettings): unknown {
  if (typeof value === 'string') {
    return interpolateText(value, settings);
  }
  if (Array.isArray(value)) {
    return value.map((one) => interpolate(one, settings));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, interpolate(one, settings)]));
  }
  return value;
}

/** `$$`, `${A}`, `${A:-default}`, `${A-default}`, `${A:?message}`; a default may hold placeholders itself. */
export function interpolateText(text: string, settings: ComposeSettings): string {
  let result = '';
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== '$') {
      result += text[at];
    } else if (text[at + 1] === '$') {
      result += '$';
      at++;
    } else if (text[at + 1] === '{') {
      const end = closing(text, at + 2);
      result += placeholder(text.slice(at + 2, end), settings);
      at = end;
    } else {
      throw new Error(`A lone $ in "${text}": write $$ for one that docker compose is to leave.`);
    }
  }
  return result;
}

function closing(text: string, from: number): number {
  for (let depth = 1, at = from; at < text.length; at++) {
    depth += text.startsWith('${', at) ? 1 : text[at] === '}' ? -1 : 0;
    if (depth === 0) {
      return at;
    }
  }
  throw new Error(`A placeholder without its end in "${text}".`);
}

function placeholder(inside: string, settings: ComposeSettings): string {
  const parts = /^([A-Z][A-Z0-9_]*)(?:(:?[-?])([\s\S]*))?$/.exec(inside);
  if (!parts) {
    throw new Error(`docker compose does not know \${${inside}}.`);
  }
  const [, name = '', operator = ':-', rest = ''] = parts;
  const value = settings[name];
  const missing = operator.startsWith(':') ? !value : value === undefined;
  if (!missing) {
    return value ?? '';
  }
  if (operator.endsWith('?')) {
    throw new Error(`${name} is missing: ${rest}`);
  }
  return interpolateText(rest, settings);
}
