import { type Role, type User, includesRole } from '../access/users.ts';
import type { Bundle } from '../bundle/builtPlugins.ts';
import { pluginMeta } from '../bundle/pluginMeta.ts';
import type { HostConfig } from '../config.ts';
import type { Datasource } from '../datasources/datasource.ts';

/** Grafana's release whose libraries the page is built with. */
const grafanaVersion = '13.2.2';

/** `window.grafanaBootData`: who looks, and the settings from which `@grafana/runtime` makes its `config`. */
export function bootData(
  user: User,
  config: HostConfig,
  bundle: Bundle,
  theme: 'dark' | 'light'
): Record<string, unknown> {
  return {
    user: {
      isSignedIn: true,
      id: user.id,
      uid: `user-${user.id}`,
      login: user.login,
      email: user.email,
      name: user.name,
      theme,
      lightTheme: theme === 'light',
      orgId: 1,
      orgName: 'DFR',
      orgRole: user.role,
      orgCount: 1,
      isGrafanaAdmin: false,
      timezone: 'browser',
      weekStart: 'browser',
      locale: 'en-US',
      language: 'en-US',
      permissions: {},
    },
    settings: frontendSettings(config, bundle),
    navTree: [],
    host: { banner: config.banner, nav: navigation(bundle, user.role) },
  };
}

/** What `GET /api/frontend/settings` answers. */
export function frontendSettings(config: HostConfig, bundle: Bundle): Record<string, unknown> {
  const ofType = (type: string) => bundle.plugins.filter(({ json }) => json.type === type);
  return {
    appUrl: `${config.publicUrl}/`,
    appSubUrl: '',
    namespace: 'default',
    windowTitlePrefix: '',
    minRefreshInterval: '1s',
    defaultDatasource: (config.datasources.find(({ isDefault }) => isDefault) ?? config.datasources[0])?.name ?? '',
    buildInfo: {
      version: grafanaVersion,
      versionString: `Stand-in host with the libraries of Grafana ${grafanaVersion}`,
      commit: '',
      commitShort: '',
      buildstamp: 0,
      env: 'production',
      edition: 'Open Source',
      latestVersion: '',
      hasUpdate: false,
      hideVersion: false,
    },
    featureToggles: {},
    liveEnabled: false,
    rendererAvailable: false,
    analytics: { enabled: false },
    licenseInfo: { edition: 'Open Source', enabledFeatures: {}, expiry: 0, licenseUrl: '', stateInfo: '' },
    datasources: Object.fromEntries(
      config.datasources.map((datasource, index) => [datasource.name, instanceSettings(datasource, index + 1, bundle)])
    ),
    panels: Object.fromEntries(
      ofType('panel').map((plugin, index) => [
        plugin.json.id,
        { ...pluginMeta(plugin), sort: 100 + index, hideFromList: false },
      ])
    ),
    apps: Object.fromEntries(
      ofType('app').map((plugin) => [
        plugin.json.id,
        {
          id: plugin.json.id,
          path: `public/plugins/${plugin.json.id}/module.js`,
          version: plugin.json.info.version,
          preload: false,
          angular: { detected: false, hideDeprecation: false },
          loadingStrategy: 'script',
          dependencies: plugin.json.dependencies,
          extensions: {
            addedLinks: [],
            addedComponents: [],
            addedFunctions: [],
            exposedComponents: [],
            extensionPoints: [],
          },
        },
      ])
    ),
  };
}

/** A datasource as the page may know it: never its secrets. */
export function instanceSettings(datasource: Datasource, id: number, bundle: Bundle): Record<string, unknown> {
  const plugin = bundle.plugins.find(({ json }) => json.id === datasource.type);
  return {
    id,
    uid: datasource.uid,
    type: datasource.type,
    name: datasource.name,
    url: `/api/datasources/proxy/uid/${datasource.uid}`,
    access: 'proxy',
    isDefault: datasource.isDefault,
    readOnly: true,
    jsonData: datasource.jsonData,
    meta: plugin ? pluginMeta(plugin) : coreMeta(datasource),
  };
}

function coreMeta({ type }: Datasource): Record<string, unknown> {
  const logo = { small: '', large: '' };
  return {
    id: type,
    type: 'datasource',
    name: type,
    module: `core:plugin/${type}`,
    baseUrl: '',
    metrics: type !== 'alertmanager',
    logs: type === 'loki',
    annotations: false,
    alerting: true,
    info: {
      author: { name: '' },
      description: '',
      links: [],
      logos: logo,
      screenshots: [],
      updated: '',
      version: grafanaVersion,
    },
  };
}

function navigation(bundle: Bundle, role: Role): Array<Record<string, unknown>> {
  const includes = bundle.app.json.includes ?? [];
  return includes
    .filter((include) => include.addToNav && (include.type === 'page' || include.type === 'dashboard'))
    .filter((include) => includesRole(role, (include.role as Role | undefined) ?? 'Viewer'))
    .map((include) => ({
      text: include.name,
      url: include.type === 'dashboard' ? `/d/${include.uid}` : include.path,
      icon: include.icon,
      isDefault: include.defaultNav === true,
    }));
}
