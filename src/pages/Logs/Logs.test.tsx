import React from 'react';
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { failure, scriptBackend } from '../../test/backend';
import { renderPage } from '../../test/renderPage';
import Logs from './Logs';

const range = 'GET /api/datasources/proxy/uid/dfr-loki/loki/api/v1/query_range';
const streams = {
  data: {
    result: [
      { stream: { service: 'postgresql', level: 'info' }, values: [['1700000001000000000', 'checkpoint starting']] },
      {
        stream: { service: 'postgresql', level: 'critical' },
        values: [['1700000002000000001', 'FATAL: sorry, too many clients already']],
      },
    ],
  },
};
const counts = { data: { result: [{ metric: { level: 'critical' }, values: [[1700000002, '3']] }] } };
const loki = (request: { params?: Record<string, string> }) =>
  request.params?.query?.startsWith('sum') ? counts : streams;
const url = '/a/dfr-ops-app/logs?service=postgresql&from=1700000000000&to=1700000600000';

test('asks Loki for the service and window of the URL and shows the lines newest first', async () => {
  const requests = scriptBackend({ [range]: loki });
  renderPage(<Logs />, url);
  const lines = await screen.findAllByTestId('dfr-log-line');
  expect(lines.map((line) => line.textContent)).toEqual([
    expect.stringContaining('too many clients'),
    expect.stringContaining('checkpoint starting'),
  ]);
  expect(lines[0]).toHaveAttribute('data-level', 'critical');
  const asked = requests.find((request) => request.params?.query === '{service="postgresql"}');
  expect(asked?.params).toMatchObject({
    start: '1700000000000000000',
    end: '1700000600000000000',
    direction: 'backward',
    limit: 500,
  });
  expect(await screen.findByText('3 lines')).toBeInTheDocument();
  expect(
    requests.some(
      (request) => request.params?.query === 'sum by (level) (count_over_time({service="postgresql"} [10s]))'
    )
  ).toBe(true);
  expect(screen.getByRole('link', { name: /Explore/ })).toHaveAttribute('href', expect.stringContaining('dfr-loki'));
});

test('text is asked of Loki, marked in the lines and kept in the URL', async () => {
  const requests = scriptBackend({ [range]: loki });
  const { here } = renderPage(<Logs />, url);
  await screen.findAllByTestId('dfr-log-line');
  await userEvent.type(screen.getByRole('textbox', { name: 'Text in the line' }), 'too many');
  await waitFor(() => expect(requests.at(-1)?.params?.query).toContain('|= "too many"'));
  expect(here.url).toContain('text=too+many');
  expect((await screen.findAllByText('too many', { selector: 'mark' })).length).toBe(1);
});

test("an alert's query is shown and can be left", async () => {
  const requests = scriptBackend({ [range]: loki });
  const { here } = renderPage(<Logs />, `${url}&query=${encodeURIComponent('{service="postgresql"} |= "FATAL"')}`);
  expect(await screen.findByLabelText('LogQL of these lines')).toHaveTextContent('{service="postgresql"} |= "FATAL"');
  fireEvent.click(screen.getByRole('button', { name: /show all of PostgreSQL/ }));
  await waitFor(() =>
    expect(requests.some((request) => request.params?.query === '{service="postgresql"}')).toBe(true)
  );
  expect(here.url).not.toContain('query=');
});

test('following moves the window to now', async () => {
  scriptBackend({ [range]: loki });
  const { here } = renderPage(<Logs />, url);
  await screen.findAllByTestId('dfr-log-line');
  fireEvent.click(screen.getByRole('switch', { name: /Follow/ }));
  await waitFor(() => expect(here.url).toContain('follow=true'));
  expect(here.url).toContain('from=now-15m&to=now');
});

test('says in words that Loki did not answer, and never that there are no lines', async () => {
  scriptBackend({ [range]: () => failure(502, { message: 'Bad Gateway' }) });
  renderPage(<Logs />, url);
  const alert = await screen.findByRole('alert');
  expect(within(alert).getByText(/Loki could not be asked \(502\): Bad Gateway/)).toBeInTheDocument();
  expect(screen.queryByText(/No line matches/)).not.toBeInTheDocument();
});

test('an empty window says what to do', async () => {
  scriptBackend({ [range]: () => ({ data: { result: [] } }) });
  renderPage(<Logs />, url);
  expect(await screen.findByText(/Widen the window/)).toBeInTheDocument();
});
