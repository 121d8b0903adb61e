import React from 'react';
import { screen, within } from '@testing-library/react';
import { failure, scriptBackend, type Answer } from '../../test/backend';
import { aHealth, anAlert, anIncident, aRun, at } from '../../test/builders';
import { renderPage } from '../../test/renderPage';
import Overview from './Overview';

const service = 'GET /api/datasources/proxy/uid/dfr-ops/read';
const prometheus = 'GET /api/datasources/proxy/uid/dfr-prometheus/api/v1';
const services = ['odoo', 'postgresql', 'nginx', 'host'];
/** Samples of all four services, or of those given: [kind, value, service]. */
const samples = (...wanted: Array<[kind: string, value: string, service?: string]>) => ({
  data: {
    resultType: 'vector',
    result: wanted.flatMap(([kind, value, only]) =>
      (only ? [only] : services).map((name) => ({ metric: { dfr_service: name, dfr_kind: kind }, value: [1, value] }))
    ),
  },
});
const ok = { name: 'Prometheus', kind: 'prometheus' as const, ok: true, error: null, checkedAt: at(0) };

const script = (): Record<string, Answer> => ({
  [`${service}/health`]: () => aHealth(),
  [`${service}/alerts`]: () => ({ at: at(0), alerts: [anAlert()], omitted: 0, sources: [ok] }),
  [`${service}/runs*`]: () => ({ at: at(0), runs: [] }),
  [`${service}/incidents*`]: () => ({ at: at(0), incidents: [] }),
  [`${prometheus}/query_range`]: () => ({ data: { resultType: 'matrix', result: [] } }),
  [`${prometheus}/query`]: () => samples(['up', '1'], ['value', '0.97'], ['threshold', '0.8']),
});
const merged = (changes: Record<string, Answer>) => ({ ...script(), ...changes });

const card = async (name: string, state: string) => {
  const found = (await screen.findAllByTestId('dfr-service-card')).find((one) => one.dataset.service === name)!;
  await within(found).findByText(state);
  return found;
};

test('each service: up, firing, its key number against its threshold; Prometheus is asked twice for all of them', async () => {
  const requests = scriptBackend(script());
  renderPage(<Overview />, '/a/dfr-ops-app/overview');
  const postgresql = await card('postgresql', 'Up');
  expect(postgresql).toHaveTextContent('97% connections used · alerts over 80%');
  expect(await within(postgresql).findByRole('link', { name: '1 firing' })).toHaveAttribute(
    'href',
    '/a/dfr-ops-app/alerts?service=postgresql'
  );
  expect(await card('odoo', 'Up')).toHaveTextContent('0 firing');
  expect(requests.filter(({ url }) => url.includes('dfr-prometheus'))).toHaveLength(2);
  expect(screen.queryByTestId('dfr-demonstration')).not.toBeInTheDocument();
});

test('the alerts are asked once for the cards and the list', async () => {
  const requests = scriptBackend(script());
  renderPage(<Overview />, '/a/dfr-ops-app/overview');
  await screen.findByTestId('dfr-alert-row');
  await card('postgresql', 'Up');
  expect(requests.filter(({ url }) => url.endsWith('/read/alerts'))).toHaveLength(1);
});

test('what has no samples is "sight lost", never up', async () => {
  scriptBackend(merged({ [`${prometheus}/query`]: () => samples() }));
  renderPage(<Overview />, '/a/dfr-ops-app/overview');
  expect(await card('nginx', 'Sight lost')).toHaveTextContent('answers with 5xx: hardly any traffic');
});

test('a service that is down is told', async () => {
  scriptBackend(merged({ [`${prometheus}/query`]: () => samples(['up', '0', 'odoo'], ['up', '1', 'nginx']) }));
  renderPage(<Overview />, '/a/dfr-ops-app/overview');
  await card('odoo', 'Down');
  await card('nginx', 'Up');
});

test('Prometheus away: the state is not known, and its words are shown', async () => {
  scriptBackend(
    merged({
      [`${prometheus}/query`]: () => failure(502, {}),
      [`${prometheus}/query_range`]: () => failure(502, { message: 'connection refused' }),
    })
  );
  renderPage(<Overview />, '/a/dfr-ops-app/overview');
  expect(await card('host', 'Not known')).toHaveTextContent(/Prometheus could not be asked/);
});

test('demonstration, frozen actions and silent sources are said loudly', async () => {
  const sources = [
    { name: 'alertmanager-1', kind: 'alertmanager' as const, ok: false, error: 'connection refused', checkedAt: at(0) },
  ];
  scriptBackend(
    merged({
      [`${service}/health`]: () => aHealth({ demonstration: true, frozen: 'The policy file is broken.', sources }),
    })
  );
  renderPage(<Overview />, '/a/dfr-ops-app/overview');
  expect(await screen.findByTestId('dfr-demonstration')).toHaveTextContent(/Demonstration/);
  expect(screen.getByTestId('dfr-frozen')).toHaveTextContent('The policy file is broken.');
  expect(screen.getByText(/Cannot be asked: alertmanager-1/)).toBeInTheDocument();
});

test('service down: it is said, counts are not known, and the numbers of Prometheus stay', async () => {
  const down = () => failure(502, { message: 'connection refused' });
  scriptBackend(
    merged({
      [`${service}/health`]: down,
      [`${service}/alerts`]: down,
      [`${service}/runs*`]: down,
      [`${service}/incidents*`]: down,
    })
  );
  renderPage(<Overview />, '/a/dfr-ops-app/overview');
  const odoo = await card('odoo', 'Up');
  expect(odoo).toHaveTextContent('alerts not known');
  expect((await screen.findAllByText('The action service does not answer.')).length).toBeGreaterThan(0);
  expect(screen.queryByText('None.')).not.toBeInTheDocument();
});

test('running actions and last incidents', async () => {
  scriptBackend(
    merged({
      [`${service}/runs*`]: () => ({
        at: at(0),
        runs: [aRun({ id: 'run-2', state: 'verifying', outcome: '' }), aRun()],
      }),
      [`${service}/incidents*`]: () => ({
        at: at(0),
        incidents: [anIncident({ state: 'resolved', resolvedAt: at(50) })],
      }),
    })
  );
  renderPage(<Overview />, '/a/dfr-ops-app/overview');
  const running = await screen.findByRole('list', { name: 'Running actions' });
  expect(within(running).getAllByRole('listitem')).toHaveLength(1);
  expect(await screen.findByTestId('dfr-incident-row')).toHaveTextContent('Resolved');
});

test('while Prometheus is silent no service is said to have no alerts', async () => {
  const silent = { ...ok, ok: false, error: 'no answer within 3 s' };
  scriptBackend(
    merged({ [`${service}/alerts`]: () => ({ at: at(0), alerts: [anAlert()], omitted: 0, sources: [silent] }) })
  );
  renderPage(<Overview />, '/a/dfr-ops-app/overview');
  expect(await screen.findByRole('link', { name: '1 firing' })).toBeInTheDocument();
  expect(await card('odoo', 'Up')).toHaveTextContent('alerts not known');
});
