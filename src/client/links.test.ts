import { locationUtil } from '@grafana/data';
import { buildAlert } from '../test/buildAlert';
import { links, logsOfAlert } from './links';

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
