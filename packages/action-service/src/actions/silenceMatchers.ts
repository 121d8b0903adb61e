import type { Labels } from '@dfr-ops/contracts';
import type { SilenceMatcher } from '../connectors/alertmanager.ts';
import type { SilencesConnector } from '../connectors/silences.ts';
import type { ActionContext, Connectors } from './action.ts';

export interface MatcherChoice {
  /** The matchers as text; what the form sends. */
  value: string;
  label: string;
  matchers: SilenceMatcher[];
}

const mostChoices = 100;
/** Its rule always fires: silenced, nobody would learn that no alerts arrive. */
export const neverSilenced = 'Watchdog';

export function lackingAlertmanager({ alertmanager }: Connectors): string | null {
  return alertmanager ? null : 'the service was not told how to reach Alertmanager (ALERTMANAGER_URLS)';
}

export function silencesOf({ connectors }: ActionContext): SilencesConnector {
  return connectors.alertmanager as SilencesConnector;
}

/** The label sets that may be silenced: for an alert itself and what is like it, else for each kind of alert that there is. */
export async function choicesOfMatchers(context: ActionContext): Promise<MatcherChoice[]> {
  if (context.alert) {
    return distinct(forAlert(context.alert.labels));
  }
  const alerts = (await silencesOf(context).alerts()).filter(({ labels }) => labels.alertname !== neverSilenced);
  return distinct(alerts.map(({ labels }) => choice(pick(labels, ['alertname', 'country', 'env']), ''))).slice(
    0,
    mostChoices
  );
}

function forAlert(labels: Labels): MatcherChoice[] {
  // Its severity may change while it goes on.
  const identity = Object.keys(labels).filter((name) => name !== 'alertname' && name !== 'severity');
  return [
    choice(pick(labels, ['alertname', ...identity.sort()]), 'this alert only'),
    choice(pick(labels, ['alertname', 'country', 'env']), 'every alert of this name in this environment'),
    choice(pick(labels, ['service', 'country', 'env']), 'everything of this service in this environment'),
  ];
}

function pick(labels: Labels, names: string[]): SilenceMatcher[] {
  return names.flatMap((name) => (labels[name] ? [{ name, value: labels[name], isRegex: false, isEqual: true }] : []));
}

function choice(matchers: SilenceMatcher[], label: string): MatcherChoice {
  const value = matchersInWords(matchers);
  return { value, label: label === '' ? value : `${label}: ${value}`, matchers };
}

/** Those that name an alert or a service, each once. */
function distinct(choices: MatcherChoice[]): MatcherChoice[] {
  const named = choices.filter(({ matchers }) =>
    matchers.some(({ name }) => name === 'alertname' || name === 'service')
  );
  return [...new Map(named.map((one) => [one.value, one])).values()];
}

/** `alertname="NginxDown", country="SL"`. */
export function matchersInWords(matchers: readonly SilenceMatcher[]): string {
  return matchers
    .map(({ name, value, isRegex, isEqual }) => `${name}${isEqual ? '=' : '!'}${isRegex ? '~' : ''}"${value}"`)
    .join(', ');
}

/** Alertmanager answers them in an order of its own. */
export function sameMatchers(one: readonly SilenceMatcher[], other: readonly SilenceMatcher[]): boolean {
  const sorted = (matchers: readonly SilenceMatcher[]) => matchers.map((matcher) => matchersInWords([matcher])).sort();
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}
