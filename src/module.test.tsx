import React from 'react';
import { render, screen } from '@testing-library/react';
import { MemoryRouter, Route, Routes } from 'react-router-dom';
import { isIconName, type AppRootProps } from '@grafana/data';
import { plugin } from './module';
import pluginJson from './plugin.json';
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

const pages = pluginJson.includes.filter(({ type }) => type === 'page');

test.each(pages.map(({ path }) => path.replace('%PLUGIN_ID%', 'dfr-ops-app')))(
  '%s is a page of the app',
  async (path) => {
    scriptBackend({});
    open(path);
    const name = path.split('/').at(-1);
    expect(await screen.findByTestId(`dfr-page-${name}`, {}, { timeout: 10_000 })).toBeInTheDocument();
  }
);

test('the icons of the menu are of those that Grafana has', () => {
  const icons = pluginJson.includes.flatMap((include) => ('icon' in include ? [include.icon] : []));
  expect(icons.length).toBeGreaterThanOrEqual(pages.length);
  expect(icons.filter((icon) => !isIconName(icon))).toEqual([]);
});

test('an unknown path leads to the overview', async () => {
  scriptBackend({});
  open('/a/dfr-ops-app/nowhere');
  expect(await screen.findByTestId('dfr-page-overview')).toBeInTheDocument();
});
