import type { Labels } from '@dfr-ops/contracts';
import { formatDuration, formatInstant, formatValue, valueInWords } from './formatValue.ts';
import { cutToSegments, segmentsOf, toGsm } from './gsmText.ts';
import type { Links } from './links.ts';

export type FiringFacts = {
  alertName: string;
  severity: string;
  env: string;
  value: number | null;
  annotations: Labels;
  startsAt: number;
  repeat: boolean;
  /** Why it is told again, e.g. "not acknowledged for 15 min"; empty: it needs no reason. */
  why?: string;
};
export type ResolvedFacts = {
  alertName: string;
  env: string;
  normalAt: number;
  lastedMs: number;
  mendedBy: string | null;
};

/** Two segments are what most providers join without fail; a third is paid for only where the addresses are long. */
const WANTED = 2;
const MOST = 3;

/** "[CRITICAL] NginxDown 0 since 28 Jul 03:14:07 UTC" and the addresses of the alert, its runbook and its logs. */
export function firingSms(facts: FiringFacts, links: Links): string {
  const again = facts.repeat ? ' still' : '';
  const value = valueInWords(facts.value, facts.annotations);
  const number = facts.value === null ? value : formatValue(facts.value, facts.annotations.signal_unit);
  const told = (parts: string[]) => toGsm(parts.filter(Boolean).join(' '));
  const head = `${facts.severity.toUpperCase()}${again}`;
  const since = `since ${formatInstant(facts.startsAt)}`;
  const why = facts.why && `- ${facts.why}`;
  const full = told([head, facts.alertName, `value ${value}`, since, facts.env && `(${facts.env})`, why ?? '']);
  const short = told([head, facts.alertName, number.length < value.length ? number : value, since, why ?? '']);
  const addresses = [links.alert, links.runbook, links.logs];
  return firstThatFits(
    [
      [full, `Alert: ${links.alert}`, `Runbook: ${links.runbook}`, `Logs: ${links.logs}`],
      [full, ...addresses],
      [short, ...addresses],
    ],
    [short, links.incident ?? links.alert]
  );
}

/** "RESOLVED NginxDown after 4 min, normal since …; Start nginx by admin" and the incident's address. */
export function resolvedSms(facts: ResolvedFacts, address: string): string {
  const env = facts.env ? ` (${facts.env})` : '';
  const since = `RESOLVED ${facts.alertName}${env} after ${formatDuration(facts.lastedMs)}, normal since ${formatInstant(facts.normalAt)}`;
  return firstThatFits(
    [[toGsm(facts.mendedBy ? `${since}. ${facts.mendedBy}` : since), address]],
    [toGsm(since), address]
  );
}

function firstThatFits(choices: string[][], last: string[]): string {
  const texts = choices.map((lines) => lines.join('\n'));
  const withinTwo = texts.find((text) => segmentsOf(text) <= WANTED);
  return withinTwo ?? texts.findLast((text) => segmentsOf(text) <= MOST) ?? cutHead(last);
}

/** An address is of use only whole: what comes before it is cut, or it is left out. */
function cutHead([head = '', ...addresses]: string[]): string {
  const address = addresses.map((one) => `\n${one}`).join('');
  return segmentsOf(`...${address}`) < MOST ? cutToSegments(head, MOST, address) + address : cutToSegments(head, MOST);
}

/** What is told and where to read on, within what one message may cost. */
export function alertWords(head: string, address: string): string {
  return firstThatFits([[toGsm(head), address]], [toGsm(head), address]);
}
