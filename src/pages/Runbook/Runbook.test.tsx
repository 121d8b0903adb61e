import React from 'react';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { failure, scriptBackend } from '../../test/backend';
import { anAlert, at } from '../../test/builders';
import { renderPage } from '../../test/renderPage';
import Runbook from './Runbook';

const alerts = 'GET /api/datasources/proxy/uid/dfr-ops/read/alerts*';
const firing = () => ({ at: at(0), alerts: [anAlert()], omitted: 0, sources: [] });

test('the four parts of the page in runbooks/, with the firing alert, its logs and actions', async () => {
  const requests = scriptBackend({ [alerts]: firing });
  renderPage(<Runbook />, '/a/dfr-ops-app/runbook?alert=PostgresTooManyConnections');
  const page = await screen.findByTestId('dfr-runbook');
  for (const part of ['Meaning', 'Impact', 'Diagnosis', 'Mitigation']) {
    expect(within(page).getByRole('heading', { name: part })).toBeInTheDocument();
  }
  const alert = await screen.findByTestId('dfr-runbook-alert');
  expect(within(alert).getByRole('link', { name: 'Actions' })).toHaveAttribute(
    'href',
    '/a/dfr-ops-app/actions?fingerprint=aaaaaaaaaaaaaaaa'
  );
  expect(decodeURIComponent(requests[0]?.url ?? '')).toContain('filter=alertname="PostgresTooManyConnections"');
});

test('it is read while the service is down, and says what is not known', async () => {
  scriptBackend({ [alerts]: () => failure(502, { message: 'connection refused' }) });
  renderPage(<Runbook />, '/a/dfr-ops-app/runbook?alert=OdooDown');
  expect(await screen.findByText(/Whether this alert fires now is not known/)).toBeInTheDocument();
  expect(screen.getByTestId('dfr-runbook')).toBeInTheDocument();
});

test.each(['NoSuchAlert', 'constructor', '../README'])('no runbook for %s: said, with the way to all', async (name) => {
  scriptBackend({ [alerts]: () => ({ ...firing(), alerts: [] }) });
  renderPage(<Runbook />, `/a/dfr-ops-app/runbook?alert=${encodeURIComponent(name)}`);
  expect(await screen.findByText(`There is no runbook for ${name}`)).toBeInTheDocument();
  expect(screen.queryByTestId('dfr-runbook')).not.toBeInTheDocument();
});

test('the list is searched in names and text', async () => {
  scriptBackend({});
  renderPage(<Runbook />, '/a/dfr-ops-app/runbook');
  const all = await screen.findAllByTestId('dfr-runbook-row');
  expect(all.length).toBeGreaterThan(10);
  await userEvent.type(screen.getByLabelText('Search the runbooks'), 'too many clients');
  expect(screen.getByRole('link', { name: 'PostgresTooManyConnections' })).toBeInTheDocument();
  expect(screen.getAllByTestId('dfr-runbook-row').length).toBeLessThan(all.length);
});
