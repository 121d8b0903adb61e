import type { ActionsAnswer, OfferedAction, Person } from '@dfr-ops/contracts';
import type { Action, Connectors } from '../actions/action.ts';
import type { IncidentOfAlert } from '../deps.ts';
import { alertForAction, contextOf, targetOf, type ActionDesk } from './actionDesk.ts';
import { allowedForm } from './allowedParameters.ts';
import { readDoings, type Doings } from './holds.ts';
import { askedOf } from './makePreview.ts';
import { nobody } from '../policy/policySource.ts';

/** Every action as this person may use it now; for an alert, those that fit come first, in the order in which its rule names them. */
export async function offerActions(
  desk: ActionDesk,
  person: Person,
  fingerprint: string | null
): Promise<ActionsAnswer> {
  const [alert, doings] = await Promise.all([
    fingerprint ? desk.findIncidentByFingerprint(fingerprint) : null,
    desk.policy.health().ok ? readDoings(desk.store, desk.now(), everySetting(desk), null) : null,
  ]);
  const looking = { ...desk, connectors: askedOnce(desk.connectors) };
  const offered = await Promise.all(
    desk.catalogue.map((action) => offer(looking, doings, person, action, fingerprint ? { alert } : null))
  );
  const named = namedActions(alert);
  const rank = ({ id, fit }: OfferedAction) => {
    if (!fit?.fits) {
      return 1000;
    }
    return named.includes(id) ? named.indexOf(id) : 500;
  };
  return {
    at: desk.now().toISOString(),
    actions: offered.sort((one, other) => rank(one) - rank(other)),
    frozen: desk.policy.frozen(),
    freeze: desk.policy.freeze(),
  };
}

/** Many forms want to know how nginx is now; for one look at the catalogue it is asked once. */
function askedOnce(connectors: Connectors): Connectors {
  const agent = connectors.nginxAgent;
  if (!agent) {
    return connectors;
  }
  let status: ReturnType<typeof agent.status> | undefined;
  return { ...connectors, nginxAgent: { ...agent, status: () => (status ??= agent.status()) } };
}

async function offer(
  desk: ActionDesk,
  doings: Doings | null,
  person: Person,
  action: Action,
  asked: { alert: IncidentOfAlert | null } | null
): Promise<OfferedAction> {
  const target = targetOf(desk, action);
  const frozen = desk.policy.frozen();
  const lacking = action.lacking(desk.connectors);
  let parameters: OfferedAction['parameters'] = [];
  // A broken policy file says nothing of what it asks.
  const { holds, approval, approvers } = doings
    ? askedOf(desk, doings, person, action, target, null)
    : { holds: [], approval: 'none' as const, approvers: nobody };
  let unavailable = unavailableTo(desk, person, action) ?? frozen ?? (lacking && `Unavailable, because ${lacking}.`);
  if (!frozen && !lacking) {
    try {
      const form = await action.form(
        contextOf(desk, action, { person: person.login, alert: alertForAction(asked?.alert ?? null) })
      );
      parameters = allowedForm(form, desk.policy.settings(action.id).allow);
      unavailable ??= holds.find((hold) => hold.asks === 'wait')?.why ?? null;
    } catch (error) {
      unavailable ??= (error as Error).message;
    }
  }
  return {
    id: action.id,
    title: action.title,
    description: action.description,
    target,
    risk: action.risk,
    parameters,
    alerts: action.alerts,
    fit: asked && fitOf(action, asked.alert),
    rollback: action.rollback,
    rollbackNote: action.rollbackNote,
    deadlineSeconds: action.deadlineSeconds,
    cooldownSeconds: doings ? desk.policy.settings(action.id).cooldownSeconds : action.cooldownSeconds,
    lock: action.lock,
    unavailable,
    holds,
    approval,
    approvers,
    cancellable: action.cancellable ?? false,
  };
}

function everySetting(desk: ActionDesk) {
  return desk.catalogue.map((action) => desk.policy.settings(action.id));
}

function unavailableTo(desk: ActionDesk, person: Person, action: Action): string | null {
  if (person.role !== 'Editor' && person.role !== 'Admin') {
    return `${person.login} has the role ${person.role} in Grafana, and acting takes Editor or Admin.`;
  }
  // A broken policy denies everything; that is the freeze's to say.
  return desk.policy.health().ok ? desk.policy.denies(person, 'run', action.id, targetOf(desk, action)) : null;
}

function namedActions(alert: IncidentOfAlert | null): string[] {
  return (alert?.annotations.actions ?? '')
    .split(',')
    .map((id) => id.trim())
    .filter(Boolean);
}

function fitOf(action: Action, alert: IncidentOfAlert | null): { fits: boolean; why: string } {
  if (!alert) {
    return { fits: false, why: 'This alert is not known to the service.' };
  }
  if (namedActions(alert).includes(action.id)) {
    return { fits: true, why: `The rule of ${alert.alertName} names it.` };
  }
  return action.alerts.includes(alert.alertName)
    ? { fits: true, why: `It is meant for ${alert.alertName}.` }
    : { fits: false, why: `It is not meant for ${alert.alertName}.` };
}
