import { EventBusSrv, getDefaultTimeRange, locationUtil } from '@grafana/data';
import {
  FakeEchoSrv,
  config,
  locationService,
  setAppEvents,
  setBackendSrv,
  setChromeHeaderHeightHook,
  setCurrentUser,
  setDataSourceSrv,
  setEchoSrv,
  setHelpNavItemHook,
  setLocationSrv,
  setMegaMenuOpenHook,
  setPluginComponentHook,
  setPluginComponentsHook,
  setPluginFunctionsHook,
  setPluginImportUtils,
  setPluginLinksHook,
  setReturnToPreviousHook,
  setRunRequest,
  setTemplateSrv,
} from '@grafana/runtime';
import { setPanelDataErrorView } from 'grafana-runtime-file/components/PanelDataErrorView.mjs';
import { setPanelRenderer } from 'grafana-runtime-file/components/PanelRenderer.mjs';
import { setPluginPage } from 'grafana-runtime-file/components/PluginPage.mjs';
import { initializeLoggersRegistry } from 'grafana-runtime-file/services/logging/registry.mjs';
import { getPanelPluginMetas } from 'grafana-runtime-file/services/pluginMeta/panels.mjs';
import { importPanelPlugin, panelPluginFromCache } from '../panels/panelPlugins';
import { PanelDataErrorView } from '../panels/PanelDataErrorView';
import { PanelRenderer } from '../panels/PanelRenderer';
import { PluginPage } from '../shell/PluginPage';
import { topBarHeight } from '../shell/topBarHeight';
import { HostBackendSrv } from './backendSrv';
import { HostDataSourceSrv } from './dataSourceSrv';
import { runRequest } from './runRequest';
import { HostTemplateSrv } from './templateSrv';

/** Sets what `@grafana/runtime` leaves to Grafana itself. Extension points exist and are empty. */
export function setServices(): void {
  const events = new EventBusSrv();
  setAppEvents(events);
  setEchoSrv(new FakeEchoSrv());
  initializeLoggersRegistry();
  setBackendSrv(new HostBackendSrv(events));
  setTemplateSrv(new HostTemplateSrv());
  setDataSourceSrv(new HostDataSourceSrv());
  setLocationSrv(locationService);
  locationUtil.initialize({
    config: config as never,
    getVariablesUrlParams: () => ({}),
    getTimeRangeForUrl: () => getDefaultTimeRange().raw,
  });
  setCurrentUser({ ...config.bootData.user, timezone: 'browser' } as never);
  setRunRequest(runRequest);
  setPluginImportUtils({ importPanelPlugin, getPanelPluginFromCache: panelPluginFromCache });
  void getPanelPluginMetas();

  setPluginComponentHook(() => ({ component: null, isLoading: false }));
  setPluginComponentsHook(() => ({ components: [], isLoading: false }));
  setPluginLinksHook(() => ({ links: [], isLoading: false }));
  setPluginFunctionsHook(() => ({ functions: [], isLoading: false }));
  setReturnToPreviousHook(() => () => undefined);
  setChromeHeaderHeightHook(() => topBarHeight);
  setMegaMenuOpenHook(() => [false, () => undefined] as never);
  setHelpNavItemHook(() => undefined);

  setPluginPage(PluginPage);
  setPanelRenderer(PanelRenderer);
  setPanelDataErrorView(PanelDataErrorView);
}
