import type { Alert } from '@dfr-ops/contracts';
import { severityLook } from '../severity/severity';
import type { AlertSort } from './AlertBoard';

export type AlertGroup = { key: string; title: string; alerts: Alert[] };

/** Sorts and groups. An alert that lacks a label stands under "(none)"; groups with the worst alert come first. */
export function groupAlerts(alerts: Alert[], groupBy: string[], sort: AlertSort): AlertGroup[] {
  const groups = new Map<string, AlertGroup>();
  for (const alert of [...alerts].sort(comparers[sort])) {
    const title = groupBy.map((label) => `${label}: ${alert.labels[label] || '(none)'}`).join(' · ');
    const group = groups.get(title) ?? { key: title, title, alerts: [] };
    group.alerts.push(alert);
    groups.set(title, group);
  }
  return [...groups.values()].sort((a, b) => worst(a) - worst(b) || a.title.localeCompare(b.title));
}

function worst(group: AlertGroup): number {
  return Math.min(...group.alerts.map(rank));
}

/** Firing before pending, unattended before silenced, then by severity. */
function rank(alert: Alert): number {
  const quiet = alert.silencedBy.length > 0 || alert.inhibitedBy.length > 0;
  return (quiet ? 100 : 0) + (alert.state === 'pending' ? 10 : 0) + severityLook(alert.labels.severity).rank;
}

function began(alert: Alert): number {
  return Date.parse(alert.activeAt ?? alert.startsAt ?? '') || 0;
}

// The fingerprint decides last, so that rows keep their places from one answer to the next.
const byIdentity = (a: Alert, b: Alert) => a.name.localeCompare(b.name) || a.fingerprint.localeCompare(b.fingerprint);
const comparers: Record<AlertSort, (a: Alert, b: Alert) => number> = {
  severity: (a, b) => rank(a) - rank(b) || byIdentity(a, b),
  newest: (a, b) => began(b) - began(a) || byIdentity(a, b),
  oldest: (a, b) => began(a) - began(b) || byIdentity(a, b),
  name: byIdentity,
};
