import { statSync } from 'node:fs';
import type { Approval, Approvers, Freeze, Person, SourceHealth, Target } from '@dfr-ops/contracts';
import { matchesPattern, type Grant, type Verb } from './policySchema.ts';
import { readPolicy, type ActionSettings, type GovernedAction, type ReadPolicy } from './readPolicy.ts';

export interface PolicySource {
  health(): SourceHealth;
  /** Why no action may be run now, by the file; null when actions may be run. */
  freeze(): Freeze | null;
  /** The same in a sentence. */
  frozen(): string | null;
  /** Why this person may not do this; null when they may. */
  denies(person: Person, verb: Verb, actionId: string, target: Target): string | null;
  /** What it asks of this person, and of whom else. Throws when the policy is broken: ask `frozen` first. */
  approval(login: string, actionId: string, target: Target): { asked: Approval; approvers: Approvers };
  /** Throws when the policy is broken: ask `frozen` first. */
  settings(actionId: string): ActionSettings;
}

export const nobody: Approvers = { users: [], roles: [] };

/**
 * Reads the policy file, and reads it anew when it has changed. A missing or wrong file never throws: it freezes actions with the reason.
 */
export function openPolicy(path: string, actions: readonly GovernedAction[], now: () => Date): PolicySource {
  let seen = '';
  let read: ReadPolicy = { broken: 'it has not been read yet.' };
  let checkedAt = now();
  const current = (): ReadPolicy => {
    const state = fingerprintOf(path);
    if (state !== seen) {
      seen = state;
      checkedAt = now();
      read = readPolicy(path, actions);
    }
    return read;
  };
  const brokenWords = (broken: string) => `The policy file cannot be used: ${broken}`;
  const settings = (actionId: string): ActionSettings => {
    const state = current();
    const found = 'broken' in state ? undefined : state.settings.get(actionId);
    if (!found) {
      throw new Error(`no policy for ${actionId}`);
    }
    return found;
  };
  const source: PolicySource = {
    health() {
      const state = current();
      const error = 'broken' in state ? state.broken : null;
      return { name: 'policy', kind: 'policy', ok: error === null, error, checkedAt: checkedAt.toISOString() };
    },
    freeze() {
      const state = current();
      const by = { by: null, since: null, until: null };
      if ('broken' in state) {
        return { source: 'broken_policy', why: brokenWords(state.broken), ...by };
      }
      return state.policy.freeze === null ? null : { source: 'policy', why: state.policy.freeze, ...by };
    },
    frozen: () => source.freeze()?.why ?? null,
    denies(person, verb, actionId, target) {
      const state = current();
      if ('broken' in state) {
        return brokenWords(state.broken);
      }
      const granted = state.policy.grants.some(
        (grant) =>
          isAbout(grant, verb, actionId, target) &&
          (grant.users?.includes(person.login) ?? true) &&
          (grant.roles?.includes(person.role) ?? true)
      );
      return granted
        ? null
        : `The policy does not let ${person.login} (${person.role}) ${verb} ${actionId} on ${target.name}.`;
    },
    approval(login, actionId, target) {
      const { approval } = settings(actionId);
      const state = current();
      const grants = 'broken' in state ? [] : state.policy.grants;
      const approvers = approversOf(
        grants.filter((grant) => isAbout(grant, 'approve', actionId, target)),
        login
      );
      const named = approvers.users.length > 0 || (approval !== null && approvers.roles.length > 0);
      // Where nobody is named who could be the second person, the typed name stands for them.
      const asked = (approval ?? 'second_person') === 'second_person' && !named ? 'typed_target' : approval;
      return asked === 'second_person' || asked === null
        ? { asked: 'second_person', approvers }
        : { asked, approvers: nobody };
    },
    settings,
  };
  return source;
}

function isAbout(grant: Grant, verb: Verb, actionId: string, target: Target): boolean {
  return (
    grant.may.includes(verb) &&
    grant.actions.some((pattern) => matchesPattern(pattern, actionId)) &&
    grant.targets.some((pattern) => matchesPattern(pattern, target.name))
  );
}

function approversOf(grants: Grant[], login: string): Approvers {
  const users = grants.flatMap((grant) => grant.users ?? []).filter((user) => user !== login);
  const roles = grants.flatMap((grant) => (grant.users ? [] : (grant.roles ?? ['Editor', 'Admin'])));
  return { users: [...new Set(users)], roles: [...new Set(roles)] as Approvers['roles'] };
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
