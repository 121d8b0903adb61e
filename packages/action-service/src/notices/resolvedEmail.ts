import type { Labels } from '@dfr-ops/contracts';
import { formatDuration, formatInstant, valueInWords } from './formatValue.ts';
import type { Links } from './links.ts';

export type ResolvedMailFacts = {
  alertName: string;
  severity: string;
  labels: Labels;
  annotations: Labels;
  startsAt: number;
  normalAt: number;
  lastValue: number | null;
  /** e.g. "End idle sessions by admin (succeeded)"; null: nothing was run from DFR Ops. */
  mendedBy: string | null;
  /** How recovery was proven, a sentence. */
  proof: string;
};

/** The mail that says that an alert is over: who mended it, how long it lasted, where to read on. Text and HTML say the same. */
export function resolvedEmail(facts: ResolvedMailFacts, links: Links): { subject: string; text: string; html: string } {
  const where = [facts.labels.env, facts.labels.country].filter(Boolean).join(', ');
  const lasted = formatDuration(facts.normalAt - facts.startsAt);
  const subject = `[RESOLVED] ${facts.alertName}${where ? ` (${where})` : ''} after ${lasted}`;
  const lines: Array<[string, string]> = [
    ['Alert', `${facts.alertName}, severity ${facts.severity}${where ? `, ${where}` : ''}`],
    ['Fired', formatInstant(facts.startsAt)],
    ['Normal since', formatInstant(facts.normalAt)],
    ['Lasted', lasted],
    ['Last value while it fired', valueInWords(facts.lastValue, facts.annotations)],
    ['Mended by', facts.mendedBy ?? 'no action was run from DFR Ops before it ended'],
    ['How we know', facts.proof],
  ];
  const addresses: Array<[string, string]> = [
    ['Incident', links.incident ?? links.alert],
    ['Alert', links.alert],
    ...(links.dashboard ? [['Dashboard', links.dashboard] satisfies [string, string]] : []),
    ['Logs of that time', links.logs],
    ['Runbook', links.runbook],
  ];
  return {
    subject,
    text: [...lines, ...addresses].map(([name, value]) => `${name}: ${value}`).join('\n') + '\n',
    html: toHtml(subject, lines, addresses),
  };
}

function toHtml(title: string, lines: Array<[string, string]>, addresses: Array<[string, string]>): string {
  const rows = lines.map(
    ([name, value]) => `<tr><th align="left" valign="top">${escape(name)}</th><td>${escape(value)}</td></tr>`
  );
  const anchors = addresses.map(([name, url]) => `<a href="${escape(url)}">${escape(name)}</a>`);
  return `<!doctype html><html lang="en"><body><h2>${escape(title)}</h2><table cellpadding="4">${rows.join('')}</table><p>${anchors.join(' · ')}</p></body></html>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
