import React, { lazy, Suspense } from 'react';
import { AppPlugin, type AppRootProps } from '@grafana/data';
import { LoadingPlaceholder } from '@grafana/ui';

const App = lazy(() => import('./pages/App/App'));

const Root = (props: AppRootProps) => (
  <Suspense fallback={<LoadingPlaceholder text="Loading DFR Ops…" />}>
    <App {...props} />
  </Suspense>
);

export const plugin = new AppPlugin<{}>().setRootPage(Root);
