import { locationUtil, urlUtil } from '@grafana/data';
import type { Alert, Incident } from '@dfr-ops/contracts';

const app = '/a/dfr-ops-app';
const minute = 60_000;

/** Services that have logs; others are read as `host`. */
export type LogService = 'odoo' | 'postgresql' | 'nginx' | 'host';

type Params = Record<string, string | number | null | undefined>;

/** Where an alert leads: its page with graph, its logs, its runbook, its actions, its incident. All with Grafana's sub path. */
export const links = {
  overview: () => page('overview'),
  alerts: () => page('alerts'),
  /** The alert itself, with the graph of its signal and threshold. */
  alert: (fingerprint: string) => page('alerts', { fingerprint }),
  incidents: () => page('incident'),
  incident: (id: string) => page('incident', { id }),
  newestIncident: (fingerprint: string) => page('incident', { fingerprint }),
  /** `from` and `to` in ms since 1970; `query` is LogQL. */
  logs: (options: { service: LogService; from: number; to: number; query?: string | null }) =>
    page('logs', { service: options.service, from: Math.floor(options.from), to: Math.ceil(options.to), query: options.query }),
  runbook: (alertName: string) => page('runbook', { alert: alertName }),
  runbooks: () => page('runbook'),
  actions: (options: { fingerprint?: string | null; action?: string | null; run?: string | null } = {}) => page('actions', options),
  run: (id: string) => page('actions', { run: id }),
  /** `from` and `to` in ms since 1970; `variables` are the dashboard's, without `var-`. */
  dashboard: (uid: string, from?: number, to?: number, variables: Params = {}) =>
    withBase(`/d/${encodeURIComponent(uid)}`, {
      from,
      to,
      ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [`var-${name}`, value])),
    }),
  explore,
};

/** Logs of the alert's service, from 10 min before its breach until `now`, with its own LogQL. */
export function logsOfAlert(alert: Pick<Alert, 'labels' | 'annotations' | 'activeAt' | 'startsAt'>, now: number): string {
  const since = Date.parse(alert.activeAt ?? alert.startsAt ?? '') || now;
  return links.logs({
    service: logService(alert.labels.service),
    from: since - 10 * minute,
    to: now,
    query: alert.annotations.log_query,
  });
}

/** Logs of the incident's service, from 10 min before it opened until 5 min after it was normal, or until `now`. */
export function logsOfIncident(incident: Pick<Incident, 'service' | 'annotations' | 'openedAt' | 'normalAt' | 'resolvedAt'>, now: number): string {
  const end = Date.parse(incident.normalAt ?? incident.resolvedAt ?? '');
  return links.logs({
    service: logService(incident.service),
    from: Date.parse(incident.openedAt) - 10 * minute,
    to: end ? Math.min(now, end + 5 * minute) : now,
    query: incident.annotations.log_query,
  });
}

/** The dashboard that the alert's rule names, at its country, environment and service, from 10 min before its breach until `now`; null without one. */
export function dashboardOfAlert(alert: Pick<Alert, 'labels' | 'annotations' | 'activeAt' | 'startsAt'>, now: number): string | null {
  const since = Date.parse(alert.activeAt ?? alert.startsAt ?? '') || now;
  return dashboardOfIncident({ ...alert, openedAt: new Date(since).toISOString(), normalAt: null, resolvedAt: null }, now);
}

/** The dashboard that the incident's rule names, at its country, environment and service, over the same time as its logs; null without one. */
export function dashboardOfIncident(
  incident: Pick<Incident, 'labels' | 'annotations' | 'openedAt' | 'normalAt' | 'resolvedAt'>,
  now: number
): string | null {
  const { labels, annotations } = incident;
  if (!annotations.dashboard_uid) {
    return null;
  }
  const end = Date.parse(incident.normalAt ?? incident.resolvedAt ?? '');
  return links.dashboard(
    annotations.dashboard_uid,
    Date.parse(incident.openedAt) - 10 * minute,
    end ? Math.min(now, end + 5 * minute) : now,
    {
      country: labels.country,
      env: labels.env,
      service: labels.service,
      // Of other alerts it is a container's or a certificate's name, which no dashboard's variable offers.
      instance: labels.job || labels.service === 'host' ? labels.instance : null,
    }
  );
}

/** The service whose logs tell of a label `service`. */
export function logService(service: string | undefined): LogService {
  return service === 'odoo' || service === 'postgresql' || service === 'nginx' ? service : 'host';
}

/** Grafana's Explore on one query. `from`, `to` in ms since 1970. */
function explore(options: { datasourceUid: string; datasourceType: 'loki' | 'prometheus'; expr: string; from: number; to: number }): string {
  const { datasourceUid: uid, datasourceType: type, expr, from, to } = options;
  const pane = {
    datasource: uid,
    queries: [{ refId: 'A', datasource: { uid, type }, expr }],
    range: { from: String(Math.floor(from)), to: String(Math.ceil(to)) },
  };
  return withBase('/explore', { schemaVersion: 1, panes: JSON.stringify({ dfr: pane }) });
}

function page(name: string, params: Params = {}): string {
  return withBase(`${app}/${name}`, params);
}

function withBase(path: string, params: Params): string {
  const given = Object.fromEntries(Object.entries(params).filter(([, value]) => value !== null && value !== undefined && value !== ''));
  return locationUtil.assureBaseUrl(urlUtil.renderUrl(path, given));
}
