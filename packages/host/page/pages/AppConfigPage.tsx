import { PluginContextProvider } from '@grafana/data';
import { EmptyState, LoadingPlaceholder } from '@grafana/ui';
import { useLocation, useParams } from 'react-router';
import { Failure } from '../shell/Failure';
import { PluginError } from '../shell/PluginError';
import { PluginPage } from '../shell/PluginPage';
import { loadApp } from './appPlugin';
import { usePromise } from './usePromise';

/** `/plugins/:pluginId?page=…`: the app's configuration pages as tabs. */
export function AppConfigPage() {
  const { pluginId = '' } = useParams();
  const wanted = new URLSearchParams(useLocation().search).get('page');
  const app = usePromise(pluginId, loadApp);
  if (app.state === 'loading') {
    return <LoadingPlaceholder text="Loading…" />;
  }
  if (app.state === 'failed') {
    return <PluginError error={app.error} />;
  }
  const { configPages = [], meta } = app.value;
  const shown = configPages.find(({ id }) => id === wanted) ?? configPages[0];
  if (!shown) {
    return <EmptyState variant="not-found" message={`${meta.name} has nothing to configure here`} />;
  }
  const tabs = configPages.map(({ id, title }) => ({
    text: title,
    url: `/plugins/${pluginId}?page=${id}`,
    active: id === shown.id,
  }));
  return (
    <PluginPage pageNav={{ text: meta.name, subTitle: meta.info.description ?? undefined, children: tabs }}>
      <Failure what={`The page ${shown.title}`} resetKey={shown.id}>
        <PluginContextProvider meta={meta}>
          <shown.body plugin={app.value} query={{}} />
        </PluginContextProvider>
      </Failure>
    </PluginPage>
  );
}
