import type { Pool } from 'pg';
import type { Person, Target } from '@dfr-ops/contracts';
import type { Action, ActionContext, Connectors, TargetNames } from '../actions/action.ts';
import type { IncidentOfAlert } from '../deps.ts';
import type { Verb } from '../policy/policySchema.ts';
import type { PolicySource } from '../policy/policySource.ts';
import { notFound, ProblemError } from '../problem.ts';
import type { Queryable } from '../store/pool.ts';
import type { FreezeSwitch } from './freezeSwitch.ts';
import type { RunQueue } from './runQueue.ts';
import type { TellOthers } from './tellOthers.ts';

/** What offering, previewing and accepting lean on. */
export interface ActionDesk {
  store: Pool;
  now: () => Date;
  policy: PolicySource;
  catalogue: readonly Action[];
  connectors: Connectors;
  names: TargetNames;
  queue: Pick<RunQueue, 'send'>;
  freezes: FreezeSwitch;
  /** Writes down, in the caller's transaction, what the others are to be told of a run. */
  tellOthers: TellOthers;
  findIncidentByFingerprint(fingerprint: string): Promise<IncidentOfAlert | null>;
}

export function targetOf(desk: Pick<ActionDesk, 'names'>, action: Action): Target {
  return { kind: action.kind, name: action.target(desk.names) };
}

/** Throws when the policy is broken: ask `frozen` first. */
export function contextOf(
  desk: ActionDesk,
  action: Action,
  asked: Pick<ActionContext, 'person' | 'alert'>
): ActionContext {
  const { bounds } = desk.policy.settings(action.id);
  return { connectors: desk.connectors, names: desk.names, bounds, now: desk.now, ...asked };
}

/** An alert as an action's form sees it. */
export function alertForAction(alert: IncidentOfAlert | null): ActionContext['alert'] {
  return alert && { name: alert.alertName, labels: alert.labels };
}

export function findAction(desk: ActionDesk, id: string): Action {
  const action = desk.catalogue.find((one) => one.id === id);
  if (!action) {
    throw notFound('action', id, 'Choose one that GET /api/v1/actions offers.');
  }
  return action;
}

/** Throws 403 when the policy does not let this person do this. */
export function demandRight(desk: ActionDesk, person: Person, verb: Verb, id: string, target: Target) {
  const why = desk.policy.denies(person, verb, id, target);
  if (why) {
    throw new ProblemError(403, {
      code: 'policy_denies',
      what: 'The request was refused, nothing was changed.',
      why,
      todo: 'Ask somebody whom the policy lets do it, or have the policy file changed.',
    });
  }
}

/** Throws 409 while actions are frozen, by the policy file or by the switch as it stands in the store now. */
export async function demandThawed(desk: ActionDesk, db: Queryable): Promise<void> {
  await desk.freezes.read(db);
  const frozen = desk.policy.frozen();
  if (frozen) {
    throw new ProblemError(409, {
      code: 'actions_frozen',
      what: 'Actions are frozen, nothing was changed.',
      why: frozen,
      todo: 'Alerts and incidents go on. Have the freeze lifted or the policy file mended, then try again.',
    });
  }
}
