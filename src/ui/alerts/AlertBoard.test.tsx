import React from 'react';
import { act, render, screen, within } from '@testing-library/react';
import { ago, buildAlert, buildAlertsAnswer, buildSource } from '../../test/buildAlert';
import { FakeGrafana, ok } from '../../test/fakeGrafana';
import { setupUser } from '../../test/setupUser';
import { AlertBoard } from './AlertBoard';

let uids = 0;
/** A datasource of its own per test, so that no test sees what another one's client knows. */
const board = (props: Partial<React.ComponentProps<typeof AlertBoard>> = {}) => render(<AlertBoard uid={`dfr-${++uids}`} {...props} />);
const rows = () => screen.findAllByTestId('dfr-alert-row');
const rowOf = async (name: string) => (await rows()).find((row) => row.dataset.alertname === name)!;

describe('an alert', () => {
  it('shows what, how bad, since when, how far over, and where to go', async () => {
    new FakeGrafana().on('GET read/alerts', ok(buildAlertsAnswer([buildAlert()])));
    board();
    const row = within(await rowOf('PostgresTooManyConnections'));
    for (const text of ['warning', 'firing', '87.3%', 'alerts over 80%', '3 min', 'PostgreSQL has 87 % of its connections in use']) {
      expect(row.getByText(text)).toBeInTheDocument();
    }
    const href = (name: string) => row.getByTestId(`dfr-link-${name}`).getAttribute('href');
    expect(href('graph')).toBe('/a/dfr-ops-app/alerts?fingerprint=00c0ffee00c0ffee');
    expect(href('logs')).toMatch(/^\/a\/dfr-ops-app\/logs\?service=postgresql&from=\d+&to=\d+&query=/);
    expect(href('runbook')).toBe('/a/dfr-ops-app/runbook?alert=PostgresTooManyConnections');
    expect(href('actions')).toBe('/a/dfr-ops-app/actions?fingerprint=00c0ffee00c0ffee');
    expect(href('incident')).toBe('/a/dfr-ops-app/incident?id=inc-1');
  });

  it('leads to the dashboard that its rule names, in its own context; nowhere when it names none', async () => {
    const alert = buildAlert({ annotations: { dashboard_uid: 'dfr-postgresql' }, labels: { alertname: 'A', service: 'postgresql', country: 'SLE', env: 'demo' } });
    new FakeGrafana().on('GET read/alerts', ok(buildAlertsAnswer([alert, buildAlert({ name: 'B', fingerprint: 'b', annotations: {} })])));
    board();
    const [link, ...others] = await screen.findAllByTestId('dfr-link-dashboard');
    expect(link!.getAttribute('href')).toMatch(/^\/d\/dfr-postgresql\?from=\d+&to=\d+&var-country=SLE&var-env=demo&var-service=postgresql$/);
    expect(others).toEqual([]);
  });

  it('tells lost sight from recovery', async () => {
    new FakeGrafana().on('GET read/alerts', ok(buildAlertsAnswer([buildAlert({ sight: 'lost' })])));
    board();
    const row = within(await rowOf('PostgresTooManyConnections'));
    expect(row.getByText('sight lost, was firing')).toBeInTheDocument();
    expect(row.getByText('last seen 87.3%')).toBeInTheDocument();
  });

  it('says who silenced or inhibited it', async () => {
    new FakeGrafana().on('GET read/alerts', ok(buildAlertsAnswer([buildAlert({ silencedBy: ['s1'], inhibitedBy: ['i1'] })])));
    board();
    const row = within(await rowOf('PostgresTooManyConnections'));
    expect(row.getByText('silenced')).toHaveAttribute('title', expect.stringContaining('s1'));
    expect(row.getByText('inhibited')).toHaveAttribute('title', expect.stringContaining('i1'));
  });
});

describe('acknowledging', () => {
  it('sends the comment and asks again', async () => {
    const user = setupUser();
    const alert = buildAlert();
    const acknowledged = { by: 'admin', at: ago(0), until: ago(-3600), comment: 'looking at it' };
    const grafana: FakeGrafana = new FakeGrafana()
      .on('GET read/alerts', () => ok(buildAlertsAnswer([grafana.requests('POST act/*/*/*').length ? { ...alert, acknowledged } : alert])))
      .on('POST act/incidents/inc-1/acknowledge', ok(incidentOf(acknowledged)));
    board();
    const row = within(await rowOf(alert.name));
    await user.click(row.getByTestId('dfr-ack'));
    await user.type(row.getByTestId('dfr-ack-comment'), 'looking at it');
    await user.click(row.getByTestId('dfr-ack-send'));
    expect(await row.findByTestId('dfr-acknowledged')).toHaveTextContent('admin is on it');
    expect(grafana.requests('POST act/incidents/inc-1/acknowledge').map(({ body }) => body)).toEqual([{ comment: 'looking at it', minutes: 60 }]);
  });

  it('shows why it was refused, and keeps what was written', async () => {
    const user = setupUser();
    new FakeGrafana()
      .on('GET read/alerts', ok(buildAlertsAnswer([buildAlert()])))
      .on('POST act/incidents/inc-1/acknowledge', { status: 403, body: { message: 'plugin proxy route access denied' } });
    board();
    const row = within(await rowOf('PostgresTooManyConnections'));
    await user.click(row.getByTestId('dfr-ack'));
    await user.type(row.getByTestId('dfr-ack-comment'), 'looking at it');
    await user.click(row.getByTestId('dfr-ack-send'));
    expect(await row.findByText('Ask somebody with the role Editor or Admin.', { exact: false })).toBeInTheDocument();
    expect(row.getByTestId('dfr-ack-comment')).toHaveValue('looking at it');
  });

  it('needs a comment', async () => {
    const user = setupUser();
    new FakeGrafana().on('GET read/alerts', ok(buildAlertsAnswer([buildAlert()])));
    board();
    await user.click((await screen.findAllByTestId('dfr-ack'))[0]!);
    expect(screen.getByTestId('dfr-ack-send')).toBeDisabled();
  });
});

describe('nothing to show', () => {
  it('says that all is well only when everything was asked', async () => {
    new FakeGrafana().on('GET read/alerts', ok(buildAlertsAnswer([])));
    board();
    expect(await screen.findByTestId('dfr-no-alerts')).toHaveTextContent(/No alerts\. Asked Prometheus and Alertmanager \d+ s ago\./);
  });

  it('gives no all-clear when a source could not be asked', async () => {
    const sources = [buildSource({ ok: false, error: 'connection refused' }), buildSource({ name: 'Alertmanager', kind: 'alertmanager' })];
    new FakeGrafana().on('GET read/alerts', ok(buildAlertsAnswer([], { sources })));
    board();
    expect(await screen.findByTestId('dfr-alerts-unknown')).toHaveTextContent('not an all-clear');
    expect(screen.getByTestId('dfr-sources-down')).toHaveTextContent('Prometheus: connection refused');
    expect(screen.queryByTestId('dfr-no-alerts')).not.toBeInTheDocument();
  });

  it('gives no all-clear when the service is down', async () => {
    new FakeGrafana();
    board();
    expect(await screen.findByTestId('dfr-problem')).toHaveTextContent('The action service does not answer.');
    expect(screen.queryByText(/No alerts/)).not.toBeInTheDocument();
  });
});

describe('as time goes on', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('keeps what was known and says that it is old when the service goes down', async () => {
    let up = true;
    new FakeGrafana().on('GET read/alerts', () => (up ? ok(buildAlertsAnswer([buildAlert()])) : { status: 502, body: {} }));
    board();
    expect(await rows()).toHaveLength(1);
    up = false;
    await act(() => jest.advanceTimersByTimeAsync(5000));
    expect(screen.getByTestId('dfr-stale')).toHaveTextContent(/known at \d\d:\d\d:\d\d, \d s ago/);
    expect(await rows()).toHaveLength(1);
    up = true;
    await act(() => jest.advanceTimersByTimeAsync(5000));
    expect(screen.queryByTestId('dfr-stale')).not.toBeInTheDocument();
  });

  it('asks at once when the dashboard refreshes', async () => {
    const grafana = new FakeGrafana().on('GET read/alerts', ok(buildAlertsAnswer([])));
    const { rerender } = board({ uid: 'dfr-refresh', refreshKey: 1 });
    await act(() => jest.advanceTimersByTimeAsync(100));
    const asked = grafana.seen.length;
    rerender(<AlertBoard uid="dfr-refresh" refreshKey={2} />);
    await act(() => jest.advanceTimersByTimeAsync(10));
    expect(grafana.seen).toHaveLength(asked + 1);
    expect(screen.getByTestId('dfr-no-alerts')).toBeInTheDocument();
  });
});

it('shows at once what was known when it comes back into sight, and how old that is', async () => {
  const grafana = new FakeGrafana().on('GET read/alerts', ok(buildAlertsAnswer([buildAlert()])));
  const { unmount } = board({ uid: 'dfr-back' });
  await rows();
  unmount();
  grafana.on('GET read/alerts', { status: 502, body: {} });
  board({ uid: 'dfr-back' });
  expect(screen.getByTestId('dfr-alert-row')).toBeInTheDocument();
  expect(await screen.findByTestId('dfr-stale')).toBeInTheDocument();
});

it('groups without hiding alerts that lack the label, the worst group first', async () => {
  const odoo = buildAlert({ fingerprint: '1'.repeat(16), name: 'OdooDown', labels: { alertname: 'OdooDown', severity: 'critical', service: 'odoo' } });
  const foreign = buildAlert({ fingerprint: '2'.repeat(16), name: 'Foreign', labels: { alertname: 'Foreign', severity: 'warning' } });
  new FakeGrafana().on('GET read/alerts', ok(buildAlertsAnswer([foreign, buildAlert(), odoo])));
  board({ groupBy: ['service'] });
  await rows();
  expect(screen.getAllByTestId('dfr-alert-group').map((group) => group.textContent)).toEqual([
    'service: odoo (1)',
    'service: (none) (1)',
    'service: postgresql (1)',
  ]);
  expect(await rowOf('Foreign')).toBeInTheDocument();
});

it('lays the alert of the link open, or says what became of it', async () => {
  const grafana = new FakeGrafana().on('GET read/alerts', ok(buildAlertsAnswer([buildAlert()])));
  const { unmount } = board({ selected: buildAlert().fingerprint, renderDetails: () => <p>its graph</p> });
  expect(await screen.findByText('its graph')).toBeInTheDocument();
  unmount();
  grafana.on('GET read/incidents', ok({ at: ago(0), incidents: [incidentOf(null)] }));
  board({ selected: 'f'.repeat(16) });
  expect(await screen.findByText('PostgresTooManyConnections is not among the alerts now')).toBeInTheDocument();
});

function incidentOf(acknowledged: unknown) {
  const { labels, annotations } = buildAlert();
  return {
    id: 'inc-1', fingerprint: 'f'.repeat(16), alertName: 'PostgresTooManyConnections', labels, annotations, severity: 'warning', service: 'postgresql',
    state: 'resolved', openedAt: ago(300), firingAt: ago(290), normalAt: ago(20), resolvedAt: ago(10), firstValue: 87, lastValue: 20, acknowledged,
    previousId: null, nextId: null, silencedBy: [], acknowledgeBy: null, resolveBy: null,
  };
}
