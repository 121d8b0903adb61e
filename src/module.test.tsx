import React from 'react';
import { render, screen } from '@testing-library/react';
import { MemoryRouter, Route, Routes } from 'react-router-dom';
import type { AppRootProps } from '@grafana/data';
import { plugin } from './module';
import { scriptBackend } from './test/backend';

function open(url: string) {
  const Root = plugin.root!;
  render(
    <MemoryRouter initialEntries={[url]} future={{ v7_startTransition: true, v7_relativeSplatPath: true }}>
      <Routes>
        <Route path="/a/dfr-ops-app/*" element={<Root {...({} as AppRootProps)} />} />
      </Routes>
    </MemoryRouter>
  );
}

test.each(['overview', 'alerts', 'incident', 'logs', 'actions', 'runbook'])('%s is a page of the app', async (name) => {
  scriptBackend({});
  open(`/a/dfr-ops-app/${name}`);
  expect(await screen.findByTestId(`dfr-page-${name}`, {}, { timeout: 10_000 })).toBeInTheDocument();
});

test('an unknown path leads to the overview', async () => {
  scriptBackend({});
  open('/a/dfr-ops-app/nowhere');
  expect(await screen.findByTestId('dfr-page-overview')).toBeInTheDocument();
});
