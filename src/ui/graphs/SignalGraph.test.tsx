import React from 'react';
import { render, screen } from '@testing-library/react';
import type { PanelRendererProps } from '@grafana/runtime';
import { failure, scriptBackend } from '../../test/backend';
import { SignalGraph } from './SignalGraph';

const drawn: PanelRendererProps[] = [];
jest.mock('@grafana/runtime', () => {
  const runtime = jest.requireActual('@grafana/runtime');
  // Kept as getters: the runtime swaps its services after it has loaded.
  return Object.defineProperty({ __proto__: runtime }, 'PanelRenderer', {
    value: (props: PanelRendererProps) => {
      drawn.push(props);
      return null;
    },
  });
});

const range = 'GET /api/datasources/proxy/uid/dfr-prometheus/api/v1/query_range';
const matrix = (...values: Array<[number, string]>) => ({
  data: { resultType: 'matrix', result: [{ metric: { instance: 'a' }, values }] },
});
const props = {
  title: 'Connections',
  expr: 'pg_connections',
  from: 1_700_000_000_000,
  to: 1_700_000_240_000,
  unit: 'percent',
  threshold: 80,
};

beforeEach(() => drawn.splice(0));

test('draws the signal with its threshold, unit and a line at each action', async () => {
  const requests = scriptBackend({ [range]: () => matrix([1_700_000_000, '40'], [1_700_000_060, '97.5']) });
  render(<SignalGraph {...props} markers={[{ time: 1_700_000_050_000, title: 'End idle sessions' }]} />);
  expect(await screen.findByTestId('dfr-graph-threshold')).toHaveTextContent('alerts when over 80%');
  expect(await screen.findByText(/last sample 97.5%/)).toBeInTheDocument();
  expect(screen.getByText(/End idle sessions/)).toBeInTheDocument();
  expect(requests[0]?.params).toEqual({ query: 'pg_connections', start: 1_700_000_000, end: 1_700_000_240, step: 1 });
  const panel = drawn.at(-1);
  expect(panel?.pluginId).toBe('timeseries');
  expect(panel?.fieldConfig?.defaults.thresholds?.steps.at(-1)).toEqual({ value: 80, color: 'red' });
  expect(panel?.data?.series[0]?.fields[1]?.values).toEqual([40, 97.5]);
  expect(panel?.data?.annotations?.[0]?.fields[0]?.values).toEqual([1_700_000_050_000]);
});

test('a signal that alerts when low is shaded below its threshold', async () => {
  scriptBackend({ [range]: () => matrix([1_700_000_000, '5']) });
  render(<SignalGraph {...props} comparison="<" threshold={10} />);
  expect(await screen.findByTestId('dfr-graph-threshold')).toHaveTextContent('under 10%');
  await screen.findByText(/last sample/);
  expect(drawn.at(-1)?.fieldConfig?.defaults.thresholds?.steps.map((step) => step.color)).toEqual([
    'red',
    'transparent',
  ]);
});

test('says that there are no samples instead of drawing an empty graph', async () => {
  scriptBackend({ [range]: () => ({ data: { resultType: 'matrix', result: [] } }) });
  render(<SignalGraph {...props} />);
  expect(await screen.findByText(/no samples/)).toBeInTheDocument();
  expect(drawn).toEqual([]);
});

test("gives Prometheus's own words when it refuses the query", async () => {
  scriptBackend({ [range]: () => failure(400, { error: 'parse error: unexpected end of input' }) });
  render(<SignalGraph {...props} />);
  expect(await screen.findByText(/Prometheus refused the query \(400\): parse error/)).toBeInTheDocument();
});
