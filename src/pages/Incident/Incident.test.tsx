import React from 'react';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { failure, scriptBackend, type Answer } from '../../test/backend';
import { anIncident, anIncidentDetail, aRun, at } from '../../test/builders';
import { renderPage } from '../../test/renderPage';
import Incident from './Incident';

const service = '/api/datasources/proxy/uid/dfr-ops';
const others: Record<string, Answer> = {
  'GET */query_range': () => ({
    data: { resultType: 'matrix', result: [{ metric: {}, values: [[1_768_471_200, '0.97']] }] },
  }),
  [`GET ${service}/read/actions*`]: () => ({ at: at(0), actions: [], frozen: null }),
  [`GET ${service}/read/runs*`]: () => ({ at: at(0), runs: [] }),
};

test('tells what, how bad, the value, every moment, and leads on', async () => {
  const detail = anIncidentDetail({ runs: [aRun()], previousId: 'inc-0' });
  scriptBackend({ [`GET ${service}/read/incidents/inc-1`]: () => detail, ...others });
  renderPage(<Incident />, '/a/dfr-ops-app/incident?id=inc-1');
  expect(await screen.findByTestId('dfr-incident-state')).toHaveAttribute('data-state', 'firing');
  expect(screen.getByText('97%')).toBeInTheDocument();
  expect(screen.getByText(/91% when it began to fire.*alerts over 80%/)).toBeInTheDocument();
  const moments = screen.getAllByTestId('dfr-timeline-event');
  expect(moments.map((moment) => moment.dataset.kind)).toEqual(['pending', 'firing']);
  expect(moments[1]).toHaveTextContent('Firing');
  expect(moments[1]).toHaveTextContent('10:00:05');
  expect(moments[1]).toHaveTextContent('UTC');
  expect(moments[1]).toHaveTextContent('+5 s');
  expect(moments[1]).toHaveTextContent('says alertmanager');
  expect(screen.getByTestId('dfr-link-logs').getAttribute('href')).toMatch(
    /logs\?service=postgresql&from=\d+&to=\d+&query=/
  );
  expect(screen.getByTestId('dfr-link-runbook')).toHaveAttribute(
    'href',
    '/a/dfr-ops-app/runbook?alert=PostgresTooManyConnections'
  );
  expect(screen.getByTestId('dfr-link-actions')).toHaveAttribute(
    'href',
    '/a/dfr-ops-app/actions?fingerprint=aaaaaaaaaaaaaaaa'
  );
  expect(screen.getByRole('link', { name: 'Former instance' })).toHaveAttribute(
    'href',
    '/a/dfr-ops-app/incident?id=inc-0'
  );
  expect(await screen.findByTestId('dfr-graph-threshold')).toHaveTextContent('over 80%');
  expect(screen.getByTestId('dfr-run-row')).toHaveTextContent(
    /Alert: normal\. .*Ended 20 sessions; the alert is normal\./
  );
});

test('acknowledging sends the comment and its end, and shows who works on it', async () => {
  let acknowledged = anIncident().acknowledged;
  const requests = scriptBackend({
    [`GET ${service}/read/incidents/inc-1`]: () => anIncidentDetail({ acknowledged }),
    [`POST ${service}/act/incidents/inc-1/acknowledge`]: () => {
      acknowledged = { by: 'editor', at: at(10), until: at(59), comment: 'on it' };
      return anIncident({ acknowledged });
    },
    ...others,
  });
  renderPage(<Incident />, '/a/dfr-ops-app/incident?id=inc-1');
  await userEvent.click(await screen.findByTestId('dfr-ack'));
  const form = screen.getByRole('form', { name: /Acknowledge/ });
  await userEvent.type(within(form).getByTestId('dfr-ack-comment'), 'on it');
  await userEvent.click(within(form).getByTestId('dfr-ack-send'));
  expect(await screen.findByTestId('dfr-acknowledged')).toHaveTextContent('editor');
  expect(requests.find((request) => request.method === 'POST')?.data).toEqual({ comment: 'on it', minutes: 60 });
});

test('?fingerprint= goes to the newest incident of the alert', async () => {
  scriptBackend({
    [`GET ${service}/read/incidents?*`]: () => ({ at: at(0), incidents: [anIncident({ id: 'inc-9' })] }),
    [`GET ${service}/read/incidents/inc-9`]: () => anIncidentDetail({ id: 'inc-9' }),
    ...others,
  });
  const { here } = renderPage(<Incident />, '/a/dfr-ops-app/incident?fingerprint=aaaaaaaaaaaaaaaa');
  await waitFor(() => expect(here.url).toBe('/a/dfr-ops-app/incident?id=inc-9'));
  expect(await screen.findByTestId('dfr-incident-state')).toBeInTheDocument();
});

test('an alert that never had an incident is told, with where to go', async () => {
  scriptBackend({ [`GET ${service}/read/incidents?*`]: () => ({ at: at(0), incidents: [] }) });
  renderPage(<Incident />, '/a/dfr-ops-app/incident?fingerprint=ffff');
  expect(await screen.findByText('This alert has no incident')).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'All incidents' })).toHaveAttribute('href', '/a/dfr-ops-app/incident');
});

test('an unknown incident is told in the words of the service', async () => {
  const problem = {
    code: 'not_found',
    what: 'There is no incident nope.',
    why: 'No record has this id.',
    todo: 'Open the list of incidents.',
  };
  scriptBackend({ [`GET ${service}/read/incidents/nope`]: () => failure(404, problem) });
  renderPage(<Incident />, '/a/dfr-ops-app/incident?id=nope');
  const box = await screen.findByTestId('dfr-problem');
  expect(box).toHaveTextContent('There is no incident nope.');
  expect(box).toHaveTextContent('Open the list of incidents.');
});

test('a lost sight is never told as a recovery', async () => {
  scriptBackend({
    [`GET ${service}/read/incidents/inc-1`]: () => anIncidentDetail({ state: 'sight_lost' }),
    ...others,
  });
  renderPage(<Incident />, '/a/dfr-ops-app/incident?id=inc-1');
  expect(await screen.findByText(/whether it still lasts is not known/)).toBeInTheDocument();
  expect(screen.queryByText(/Resolved/)).not.toBeInTheDocument();
});

test('without parameters: the incidents, and which ones in the URL', async () => {
  const requests = scriptBackend({
    [`GET ${service}/read/incidents?*`]: () => ({
      at: at(60),
      incidents: [anIncident(), anIncident({ id: 'inc-0', state: 'resolved', normalAt: at(30) })],
    }),
  });
  const { here } = renderPage(<Incident />, '/a/dfr-ops-app/incident');
  const rows = await screen.findAllByTestId('dfr-incident-row');
  expect(rows[0]).toHaveTextContent('for 60 s');
  expect(rows[1]).toHaveTextContent('lasted 30 s');
  await userEvent.click(screen.getByRole('radio', { name: 'Open' }));
  await waitFor(() => expect(here.url).toBe('/a/dfr-ops-app/incident?state=open'));
  await waitFor(() => expect(requests.at(-1)?.url).toContain('state=open'));
});

test('while the service is down the list says so and claims nothing', async () => {
  scriptBackend({ [`GET ${service}/read/incidents?*`]: () => failure(502, { message: 'connection refused' }) });
  renderPage(<Incident />, '/a/dfr-ops-app/incident');
  expect(await screen.findByTestId('dfr-problem')).toHaveTextContent('The action service does not answer.');
  expect(screen.queryByText(/No incident/)).not.toBeInTheDocument();
});
