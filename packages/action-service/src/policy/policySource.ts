import { readFileSync, statSync } from 'node:fs';
import { parse } from 'yaml';
import type { z } from 'zod';
import type { Person, SourceHealth, Target } from '@dfr-ops/contracts';
import { matchesPattern, Policy, type Approval, type Verb } from './policySchema.ts';

/** What the policy needs to know of an action. */
export interface GovernedAction {
  id: string;
  risk: 'low' | 'medium' | 'high';
  cooldownSeconds: number;
  /** The action's bounds; parsing `{}` gives its defaults. */
  bounds: z.ZodType;
}

export interface ActionSettings {
  approval: Approval;
  cooldownSeconds: number;
  breaker: { runs: number; minutes: number } | null;
  /** As the action's own schema parsed it. */
  bounds: unknown;
}

export interface PolicySource {
  health(): SourceHealth;
  /** Why no action may be run now; null when actions may be run. */
  frozen(): string | null;
  /** Why this person may not do this; null when they may. */
  denies(person: Person, verb: Verb, actionId: string, target: Target): string | null;
  /** Throws when the policy is broken: ask `frozen` first. */
  settings(actionId: string): ActionSettings;
}

type Loaded = { policy: Policy; settings: Map<string, ActionSettings> } | { broken: string };

/**
 * Reads the policy file, and reads it anew when it has changed. A missing or wrong file never throws: it freezes actions with the reason.
 */
export function openPolicy(path: string, actions: readonly GovernedAction[], now: () => Date): PolicySource {
  let seen = '';
  let loaded: Loaded = { broken: 'the policy file has not been read yet' };
  let checkedAt = now();
  const current = (): Loaded => {
    const state = fingerprintOf(path);
    if (state !== seen) {
      seen = state;
      checkedAt = now();
      loaded = load(path, actions);
    }
    return loaded;
  };
  return {
    health() {
      const state = current();
      const error = 'broken' in state ? state.broken : null;
      return { name: 'policy', kind: 'policy', ok: error === null, error, checkedAt: checkedAt.toISOString() };
    },
    frozen() {
      const state = current();
      return 'broken' in state ? `The policy file cannot be used: ${state.broken}` : state.policy.freeze;
    },
    denies(person, verb, actionId, target) {
      const state = current();
      if ('broken' in state) {
        return `The policy file cannot be used: ${state.broken}`;
      }
      const granted = state.policy.grants.some(
        (grant) =>
          grant.may.includes(verb) &&
          (grant.users?.includes(person.login) ?? true) &&
          (grant.roles?.includes(person.role) ?? true) &&
          grant.actions.some((pattern) => matchesPattern(pattern, actionId)) &&
          grant.targets.some((pattern) => matchesPattern(pattern, target.name))
      );
      return granted
        ? null
        : `The policy does not let ${person.login} (${person.role}) ${verb} ${actionId} on ${target.name}.`;
    },
    settings(actionId) {
      const state = current();
      const settings = 'broken' in state ? undefined : state.settings.get(actionId);
      if (!settings) {
        throw new Error(`no policy for ${actionId}`);
      }
      return settings;
    },
  };
}

/** Changes whenever the file does. */
function fingerprintOf(path: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unreadable';
  }
}

function load(path: string, actions: readonly GovernedAction[]): Loaded {
  try {
    const parsed = Policy.safeParse(parse(readFileSync(path, 'utf8')));
    if (!parsed.success) {
      return { broken: sentence(parsed.error) };
    }
    const policy = parsed.data;
    const unknown = Object.keys(policy.actions).filter((id) => !actions.some((action) => action.id === id));
    if (unknown.length > 0) {
      return { broken: `it names actions that do not exist: ${unknown.join(', ')}` };
    }
    const settings = new Map<string, ActionSettings>();
    for (const action of actions) {
      const own = policy.actions[action.id];
      const bounds = action.bounds.safeParse(own?.bounds ?? {});
      if (!bounds.success) {
        return { broken: sentence(bounds.error, `actions.${action.id}.bounds`) };
      }
      settings.set(action.id, {
        approval: own?.approval ?? (action.risk === 'high' ? 'typed_target' : 'none'),
        cooldownSeconds: own?.cooldownSeconds ?? action.cooldownSeconds,
        breaker: own?.breaker ?? null,
        bounds: bounds.data,
      });
    }
    return { policy, settings };
  } catch (error) {
    return { broken: (error as Error).message.split('\n')[0] ?? 'unreadable' };
  }
}

function sentence(error: z.ZodError, at?: string): string {
  return error.issues
    .map((issue) => `${[at, ...issue.path].filter((part) => part !== undefined).join('.') || 'file'}: ${issue.message}`)
    .join('; ');
}
