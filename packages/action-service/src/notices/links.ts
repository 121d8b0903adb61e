import type { Labels } from '@dfr-ops/contracts';

/** Addresses of the app's pages, absolute, for notices. They are stable: old mails lead to them. */
export type Links = { alert: string; runbook: string; logs: string; incident: string | null; dashboard: string | null };

export type LinkSubject = {
  fingerprint: string;
  alertName: string;
  labels: Labels;
  /** Names the dashboard (`dashboard_uid`). */
  annotations: Labels;
  /** Start and end (null: still going on) in ms. */
  from: number;
  to: number | null;
  incidentId: string | null;
};

const SERVICES: ReadonlySet<string> = new Set(['odoo', 'postgresql', 'nginx', 'host']);
/** The cause lies before the alert: logs open this much earlier, as in Alertmanager's mails. */
const LEAD = 15 * 60_000;
/** A graph that ends with the alert does not show that it stayed well. */
const AFTER = 5 * 60_000;

export function linksOf(publicUrl: string, subject: LinkSubject): Links {
  const root = publicUrl.replace(/\/$/, '');
  const app = `${root}/a/dfr-ops-app`;
  const service = SERVICES.has(subject.labels.service ?? '') ? subject.labels.service : 'host';
  const to = subject.to === null ? '' : `&to=${subject.to}`;
  return {
    alert: `${app}/alerts?fingerprint=${encodeURIComponent(subject.fingerprint)}`,
    runbook: `${app}/runbook?alert=${encodeURIComponent(subject.alertName)}`,
    logs: `${app}/logs?service=${service}&from=${subject.from - LEAD}${to}`,
    incident: subject.incidentId === null ? null : `${app}/incident?id=${encodeURIComponent(subject.incidentId)}`,
    dashboard: dashboardOf(root, subject),
  };
}

/** The dashboard that the rule names, at the alert's country, environment, service and instance. */
function dashboardOf(root: string, { labels, annotations, from, to }: LinkSubject): string | null {
  if (!annotations.dashboard_uid) {
    return null;
  }
  const variables = {
    country: labels.country,
    env: labels.env,
    service: labels.service,
    // Of other alerts it is a container's or a certificate's name, which no dashboard's variable offers.
    instance: labels.job || labels.service === 'host' ? labels.instance : undefined,
  };
  const query = new URLSearchParams({ from: `${from - LEAD}`, to: to === null ? 'now' : `${to + AFTER}` });
  for (const [name, value] of Object.entries(variables)) {
    if (value) {
      query.set(`var-${name}`, value);
    }
  }
  return `${root}/d/${encodeURIComponent(annotations.dashboard_uid)}?${query}`;
}
