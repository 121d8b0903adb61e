import React from 'react';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { failure, scriptBackend, type Answer } from '../../test/backend';
import { anOfferedAction, aRun, at } from '../../test/builders';
import { renderPage } from '../../test/renderPage';
import Actions from './Actions';

const service = 'GET /api/datasources/proxy/uid/dfr-ops/read';
const audit = (from: number, to: number, chained = true) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => ({
    seq: from + index,
    at: at(index),
    actor: 'editor',
    kind: 'run.accepted',
    subject: `run-${from + index}`,
    data: {},
    previousHash: null,
    hash: chained ? 'abcdef0123456789' : null,
  }));
const script: Record<string, Answer> = {
  [`${service}/actions*`]: () => ({ at: at(0), actions: [anOfferedAction()], frozen: null }),
  [`${service}/alerts*`]: () => ({ at: at(0), alerts: [], omitted: 0, sources: [] }),
  [`${service}/incidents*`]: () => ({ at: at(0), incidents: [] }),
  [`${service}/runs*`]: () => ({
    at: at(0),
    runs: [
      aRun({
        state: 'unverified',
        nextStep: 'Find the client that connects again.',
        alert: { state: 'still_firing', since: null, freshSamples: 3, detail: '' },
      }),
    ],
  }),
};

test('the fitting actions, and the history with both verdicts and the next step', async () => {
  const requests = scriptBackend(script);
  renderPage(<Actions />, '/a/dfr-ops-app/actions?fingerprint=aaaaaaaaaaaaaaaa');
  expect(await screen.findByTestId('dfr-action-postgres.terminate-idle')).toBeInTheDocument();
  const history = await screen.findByRole('list', { name: 'Runs, newest first' });
  expect(history).toHaveTextContent('Effect: confirmed.');
  expect(history).toHaveTextContent('Alert: still firing.');
  expect(history).toHaveTextContent('Next: Find the client that connects again.');
  expect(requests.some((request) => request.url.endsWith('actions?fingerprint=aaaaaaaaaaaaaaaa'))).toBe(true);
});

test('a run is listed once', async () => {
  scriptBackend(script);
  renderPage(<Actions />, '/a/dfr-ops-app/actions');
  await screen.findByRole('list', { name: 'Runs, newest first' });
  await screen.findByTestId('dfr-action-postgres.terminate-idle');
  expect(screen.queryByTestId('dfr-run-history')).not.toBeInTheDocument();
  expect(screen.getAllByText('unverified')).toHaveLength(1);
});

test('choosing an action puts it into the URL', async () => {
  scriptBackend({
    ...script,
    [`${service}/actions*`]: () => ({
      at: at(0),
      actions: [
        anOfferedAction({ fit: null }),
        anOfferedAction({ id: 'nginx.reload', title: 'Reload Nginx', fit: null }),
      ],
      frozen: null,
    }),
  });
  const { here } = renderPage(<Actions />, '/a/dfr-ops-app/actions');
  await userEvent.click(await screen.findByTestId('dfr-action-nginx.reload'));
  await waitFor(() => expect(here.url).toContain('action=nginx.reload'));
});

test('the audit trail is asked on demand, walked to its end, and shown newest first with what is not chained yet', async () => {
  const requests = scriptBackend({
    ...script,
    [`${service}/audit?after=0*`]: () => ({ events: audit(1, 500) }),
    [`${service}/audit?after=500*`]: () => ({ events: [...audit(501, 501), ...audit(502, 502, false)] }),
  });
  renderPage(<Actions />, '/a/dfr-ops-app/actions');
  await userEvent.click(await screen.findByRole('button', { name: 'Show the last entries' }));
  const rows = await screen.findAllByTestId('dfr-audit-event');
  expect(rows).toHaveLength(30);
  expect(rows[0]).toHaveTextContent('#502');
  expect(rows[0]).toHaveTextContent('not chained yet');
  expect(rows[1]).toHaveTextContent('chained abcdef01');
  expect(requests.filter((request) => request.url.includes('/audit')).length).toBe(2);
});

test('service down: neither an empty history nor an empty trail is claimed', async () => {
  scriptBackend({ [`${service}/*`]: () => failure(502, { message: 'connection refused' }) });
  renderPage(<Actions />, '/a/dfr-ops-app/actions');
  expect((await screen.findAllByText('The action service does not answer.')).length).toBeGreaterThan(0);
  expect(screen.queryByText(/Nothing was done/)).not.toBeInTheDocument();
});
