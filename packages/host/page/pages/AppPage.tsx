import { type AppPlugin, PluginContextProvider, locationUtil } from '@grafana/data';
import { locationSearchToObject } from '@grafana/runtime';
import { LoadingPlaceholder } from '@grafana/ui';
import { useLocation, useParams } from 'react-router';
import { Failure } from '../shell/Failure';
import { PluginError } from '../shell/PluginError';
import { loadApp } from './appPlugin';
import { usePromise } from './usePromise';

/** `/a/:pluginId/*`: the app's root, given what Grafana gives it. */
export function AppPage() {
  const { pluginId = '' } = useParams();
  const { pathname } = useLocation();
  const app = usePromise(pluginId, loadApp);
  if (app.state === 'loading') {
    return <LoadingPlaceholder text="Loading…" />;
  }
  if (app.state === 'failed') {
    return <PluginError error={app.error} />;
  }
  return (
    <Failure what={`The plugin ${pluginId}`} resetKey={pathname}>
      <AppRoot app={app.value} />
    </Failure>
  );
}

function AppRoot({ app }: { app: AppPlugin }) {
  const { pathname, search } = useLocation();
  const Root = app.root;
  if (!Root) {
    return <PluginError error={new Error(`The app ${app.meta.id} has no pages.`)} />;
  }
  return (
    <PluginContextProvider meta={app.meta}>
      <Root
        meta={app.meta}
        basename={`/a/${app.meta.id}`}
        onNavChanged={() => undefined}
        query={locationSearchToObject(search)}
        path={locationUtil.stripBaseFromUrl(pathname)}
      />
    </PluginContextProvider>
  );
}
