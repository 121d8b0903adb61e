import { locationUtil } from '@grafana/data';
import { buildAlert } from '../test/buildAlert';
import { dashboardOfIncident, links, logsOfAlert } from './links';

const at = (iso: string) => Date.parse(iso);

it("opens the alert's own logs: service, time window, query", () => {
  const alert = buildAlert({ activeAt: '2026-03-01T10:00:00.000Z', annotations: { log_query: '{service="postgresql"} |= "FATAL"' } });
  const url = new URL(logsOfAlert(alert, at('2026-03-01T10:05:00.000Z')), 'http://grafana.test');
  expect(url.pathname).toBe('/a/dfr-ops-app/logs');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    service: 'postgresql',
    from: String(at('2026-03-01T09:50:00.000Z')),
    to: String(at('2026-03-01T10:05:00.000Z')),
    query: '{service="postgresql"} |= "FATAL"',
  });
});

it('reads alerts of other services in the logs of the host', () => {
  expect(logsOfAlert(buildAlert({ labels: { service: 'backup' } }), 0)).toContain('service=host');
});

describe("the dashboard of an incident's alert", () => {
  const incident = {
    labels: { country: 'SLE', env: 'production', service: 'host', instance: 'node:9100' },
    annotations: { dashboard_uid: 'dfr-host' },
    openedAt: '2026-03-01T10:00:00.000Z',
    normalAt: null,
    resolvedAt: null,
  };
  const paramsOf = (href: string | null) => Object.fromEntries(new URL(href ?? '', 'http://grafana.test').searchParams);

  it('opens at its time, country, environment, service and instance', () => {
    const href = dashboardOfIncident(incident, at('2026-03-01T10:05:00.000Z'));
    expect(href).toMatch(/^\/d\/dfr-host\?/);
    expect(paramsOf(href)).toEqual({
      from: String(at('2026-03-01T09:50:00.000Z')),
      to: String(at('2026-03-01T10:05:00.000Z')),
      'var-country': 'SLE',
      'var-env': 'production',
      'var-service': 'host',
      'var-instance': 'node:9100',
    });
  });

  it('asks for no instance that is the name of a container', () => {
    const labels = { ...incident.labels, service: 'odoo', instance: 'dfr_odoo_prod' };
    expect(paramsOf(dashboardOfIncident({ ...incident, labels }, at('2026-03-01T10:05:00.000Z')))).not.toHaveProperty('var-instance');
  });

  it('is none where the rule names none', () => {
    expect(dashboardOfIncident({ ...incident, annotations: {} }, 0)).toBeNull();
  });
});

it('leaves out what is not given', () => {
  expect(links.actions({ fingerprint: 'f', action: null })).toBe('/a/dfr-ops-app/actions?fingerprint=f');
});

it('stands below a Grafana with a sub path', () => {
  initialize('/grafana');
  expect(links.runbook('OdooDown')).toBe('/grafana/a/dfr-ops-app/runbook?alert=OdooDown');
  initialize('');
});

function initialize(appSubUrl: string) {
  locationUtil.initialize({
    config: { appSubUrl } as Parameters<typeof locationUtil.initialize>[0]['config'],
    getVariablesUrlParams: () => ({}),
    getTimeRangeForUrl: () => ({ from: 'now-1h', to: 'now' }),
  });
}
