import React from 'react';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { failure, scriptBackend } from '../../test/backend';
import { anAlert, at } from '../../test/builders';
import { renderPage } from '../../test/renderPage';
import Alerts from './Alerts';

const alerts = 'GET /api/datasources/proxy/uid/dfr-ops/read/alerts*';
const range = 'GET */query_range';
const answer = () => ({
  at: at(0),
  alerts: [anAlert()],
  omitted: 0,
  sources: [{ name: 'Prometheus', kind: 'prometheus', ok: true, error: null, checkedAt: at(0) }],
});
const matrix = () => ({ data: { resultType: 'matrix', result: [{ metric: {}, values: [[1, '0.97']] }] } });

test('?fingerprint= lays the alert open with the graph of its signal', async () => {
  const requests = scriptBackend({ [alerts]: answer, [range]: matrix });
  renderPage(<Alerts />, '/a/dfr-ops-app/alerts?fingerprint=aaaaaaaaaaaaaaaa');
  const row = await screen.findByTestId('dfr-alert-row');
  expect(await within(row).findByTestId('dfr-graph-threshold')).toHaveTextContent('over 80%');
  await waitFor(() =>
    expect(requests.some((request) => request.params?.query === 'dfr:postgres_connections:share{country="SL"}')).toBe(
      true
    )
  );
});

test('without it no graph is drawn', async () => {
  const requests = scriptBackend({ [alerts]: answer, [range]: matrix });
  renderPage(<Alerts />, '/a/dfr-ops-app/alerts');
  await screen.findByTestId('dfr-alert-row');
  expect(screen.queryByTestId('dfr-graph')).not.toBeInTheDocument();
  expect(requests.some((request) => request.url.includes('query_range'))).toBe(false);
});

test('filters stand in the URL and are asked of the service', async () => {
  const requests = scriptBackend({ [alerts]: answer });
  const { here } = renderPage(<Alerts />, '/a/dfr-ops-app/alerts?severity=critical');
  await screen.findByTestId('dfr-alert-row');
  expect(screen.getByRole('button', { name: 'critical' })).toHaveAttribute('aria-pressed', 'true');
  await userEvent.click(screen.getByRole('button', { name: 'nginx' }));
  await waitFor(() => expect(here.url).toContain('service=nginx'));
  await waitFor(() => expect(decodeURIComponent(requests.at(-1)?.url ?? '')).toContain('filter=service=~"nginx"'));
  await userEvent.click(screen.getByRole('button', { name: 'Show all' }));
  await waitFor(() => expect(here.url).toBe('/a/dfr-ops-app/alerts'));
});

test('a rule that names no signal is told instead of an empty graph', async () => {
  scriptBackend({ [alerts]: () => ({ ...answer(), alerts: [anAlert({ annotations: {} })] }) });
  renderPage(<Alerts />, '/a/dfr-ops-app/alerts?fingerprint=aaaaaaaaaaaaaaaa');
  expect(await screen.findByTestId('dfr-graph-missing')).toHaveTextContent('names no signal');
});

test('service down: it is said, and no list claims to be empty', async () => {
  scriptBackend({ [alerts]: () => failure(502, { message: 'connection refused' }) });
  renderPage(<Alerts />, '/a/dfr-ops-app/alerts');
  expect(await screen.findByText('The action service does not answer.')).toBeInTheDocument();
  expect(screen.queryByTestId('dfr-no-alerts')).not.toBeInTheDocument();
});
