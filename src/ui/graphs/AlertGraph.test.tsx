import React from 'react';
import { render, waitFor } from '@testing-library/react';
import type { PanelRendererProps } from '@grafana/runtime';
import { scriptBackend } from '../../test/backend';
import { aRun, at } from '../../test/builders';
import { AlertGraph } from './AlertGraph';

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

test('the line of an action stands where it began, before the signal fell, and waits for one that has not', async () => {
  const since = Date.parse(at(0));
  const values = [[since / 1000, '97.5']];
  scriptBackend({ [range]: () => ({ data: { resultType: 'matrix', result: [{ metric: {}, values }] } }) });
  const runs = [
    aRun({ startedAt: at(20), actedAt: at(23) }),
    aRun({ id: 'run-2', state: 'queued', startedAt: null, actedAt: null }),
  ];
  const annotations = { signal_query: 'pg_connections', signal_threshold: '80', signal_comparison: '>' };
  render(
    <AlertGraph alertName="PostgresTooManyConnections" annotations={annotations} since={since} end={since + 60_000} runs={runs} now={since + 600_000} />
  );
  await waitFor(() => expect(drawn.at(-1)?.data?.annotations?.[0]?.fields[0]?.values).toEqual([Date.parse(at(20))]));
});
