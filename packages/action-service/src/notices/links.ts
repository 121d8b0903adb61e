/** Addresses of the app's pages, absolute, for notices. They are stable: old mails lead to them. */
export type Links = { alert: string; runbook: string; logs: string; incident: string | null };

export type LinkSubject = {
  fingerprint: string;
  alertName: string;
  service: string;
  /** Start and end (null: still going on) in ms. */
  from: number;
  to: number | null;
  incidentId: string | null;
};

const SERVICES: ReadonlySet<string> = new Set(['odoo', 'postgresql', 'nginx', 'host']);
/** The cause lies before the alert: logs open this much earlier, as in Alertmanager's mails. */
const LEAD = 15 * 60_000;

export function linksOf(publicUrl: string, subject: LinkSubject): Links {
  const app = `${publicUrl.replace(/\/$/, '')}/a/dfr-ops-app`;
  const service = SERVICES.has(subject.service) ? subject.service : 'host';
  const to = subject.to === null ? '' : `&to=${subject.to}`;
  return {
    alert: `${app}/alerts?fingerprint=${encodeURIComponent(subject.fingerprint)}`,
    runbook: `${app}/runbook?alert=${encodeURIComponent(subject.alertName)}`,
    logs: `${app}/logs?service=${service}&from=${subject.from - LEAD}${to}`,
    incident: subject.incidentId === null ? null : `${app}/incident?id=${encodeURIComponent(subject.incidentId)}`,
  };
}
