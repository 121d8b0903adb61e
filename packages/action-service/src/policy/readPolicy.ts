import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument, type Document, type Node } from 'yaml';
import type { z } from 'zod';
import type { Approval } from '@dfr-ops/contracts';
import { Policy, type Limits } from './policySchema.ts';

/** What the policy needs to know of an action. */
export interface GovernedAction {
  id: string;
  risk: 'low' | 'medium' | 'high';
  cooldownSeconds: number;
  /** The action's bounds; parsing `{}` gives its defaults. */
  bounds: z.ZodType;
}

export interface ActionSettings {
  /** As the file says; null where it says nothing about an action of high risk: then it depends on whom it names. */
  approval: Approval | null;
  cooldownSeconds: number;
  breaker: { runs: number; minutes: number } | null;
  limits: Limits;
  /** Allow-lists by parameter. */
  allow: Record<string, string[]>;
  /** As the action's own schema parsed it. */
  bounds: unknown;
}

export type ReadPolicy = { policy: Policy; settings: Map<string, ActionSettings> } | { broken: string };

/** Reads the policy file. Never throws: what is wrong with it is said with its line, so that a person can mend it. */
export function readPolicy(path: string, actions: readonly GovernedAction[]): ReadPolicy {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { broken: code === 'ENOENT' ? `there is no file ${path} (ENOENT).` : `it cannot be read: ${message}.` };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [syntax] = document.errors;
  if (syntax) {
    return {
      broken: `line ${syntax.linePos?.[0].line ?? '?'}: ${syntax.message.split('\n')[0]?.replace(/ at line.*$/, '')}.`,
    };
  }
  const told = (error: z.ZodError, at: PropertyKey[] = []) => ({
    broken: `${error.issues.map((issue) => sentence(document, lines, issue, at)).join('; ')}.`,
  });
  const parsed = Policy.safeParse(document.toJS());
  if (!parsed.success) {
    return told(parsed.error);
  }
  const policy = parsed.data;
  const unknown = Object.keys(policy.actions).find((id) => !actions.some((action) => action.id === id));
  if (unknown !== undefined) {
    return { broken: `line ${lineOf(document, lines, ['actions', unknown])}: there is no action ${unknown}.` };
  }
  const settings = new Map<string, ActionSettings>();
  for (const action of actions) {
    const own = policy.actions[action.id] ?? {};
    const bounds = action.bounds.safeParse(own.bounds ?? {});
    if (!bounds.success) {
      return told(bounds.error, ['actions', action.id, 'bounds']);
    }
    settings.set(action.id, {
      approval: own.approval ?? (action.risk === 'high' ? null : 'none'),
      cooldownSeconds: own.cooldownSeconds ?? action.cooldownSeconds,
      breaker: own.breaker ?? null,
      limits: own.limits ?? policy.limits,
      allow: own.allow ?? {},
      bounds: bounds.data,
    });
  }
  return { policy, settings };
}

function sentence(document: Document, lines: LineCounter, issue: z.core.$ZodIssue, at: PropertyKey[]): string {
  const path = [...at, ...issue.path];
  const place = issue.code === 'unrecognized_keys' ? [...path, issue.keys[0]!] : path;
  return `line ${lineOf(document, lines, place)}, ${path.map(String).join('.') || 'the file'}: ${issue.message}`;
}

/** Line of a place in the file; of what stands around it where it is missing. */
function lineOf(document: Document, lines: LineCounter, path: PropertyKey[]): number {
  let node: unknown = document.contents;
  let at = 0;
  for (const part of path) {
    const pair = pairOf(node, part);
    if (!pair) {
      break;
    }
    at = pair.at;
    node = pair.value;
  }
  return lines.linePos(at).line;
}

function pairOf(node: unknown, part: PropertyKey): { at: number; value: unknown } | null {
  const items = (node as { items?: unknown[] } | null)?.items ?? [];
  if (typeof part === 'number') {
    const value = items[part] as Node | undefined;
    return value ? { at: value.range?.[0] ?? 0, value } : null;
  }
  for (const item of items as Array<{ key?: Node & { value?: unknown }; value?: unknown }>) {
    if (item.key && String(item.key.value) === String(part)) {
      return { at: item.key.range?.[0] ?? 0, value: item.value };
    }
  }
  return null;
}
