/** Where one Grafana runs and keeps its things. Folders and files are absolute. */
export type GrafanaSettings = {
  listen: { host: string; port: number };
  /** The address in people's browsers, without a slash at its end; issuer of identity tokens. */
  rootUrl: string;
  dataDir: string;
  logsDir: string;
  pluginsDir: string;
  /** Holds `datasources/` and `plugins/`. */
  provisioningDir: string;
  adminPasswordFile: string;
  secretKeyFile: string;
};

/** All four have to be named: allowing the app does not allow what is nested in it. */
export const pluginIds = ['dfr-ops-app', 'dfr-ops-datasource', 'dfr-alerts-panel', 'dfr-actions-panel'] as const;

/**
 * A Grafana that is set up wholly from files and asks nobody outside: no usage report, no update check, no plugin
 * catalogue, no gravatar. Secrets are named by their files, so that they stand in no process's environment.
 */
export function grafanaEnvironment(settings: GrafanaSettings): Record<string, string> {
  return {
    ...paths(settings),
    ...withoutOutside,
    GF_SERVER_HTTP_ADDR: settings.listen.host,
    GF_SERVER_HTTP_PORT: String(settings.listen.port),
    GF_SERVER_ROOT_URL: `${settings.rootUrl}/`,
    GF_SECURITY_ADMIN_PASSWORD: `$__file{${settings.adminPasswordFile}}`,
    GF_SECURITY_SECRET_KEY: `$__file{${settings.secretKeyFile}}`,
    GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS: pluginIds.join(','),
    GF_USERS_ALLOW_SIGN_UP: 'false',
    GF_USERS_DEFAULT_THEME: 'dark',
    GF_AUTH_ANONYMOUS_ENABLED: 'false',
    GF_LOG_MODE: 'console',
    GF_LOG_CONSOLE_FORMAT: 'json',
  };
}

function paths({ dataDir, logsDir, pluginsDir, provisioningDir }: GrafanaSettings): Record<string, string> {
  return {
    GF_PATHS_DATA: dataDir,
    GF_PATHS_LOGS: logsDir,
    GF_PATHS_PLUGINS: pluginsDir,
    GF_PATHS_PROVISIONING: provisioningDir,
  };
}

const withoutOutside = {
  GF_ANALYTICS_REPORTING_ENABLED: 'false',
  GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
  GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
  GF_ANALYTICS_FEEDBACK_LINKS_ENABLED: 'false',
  GF_NEWS_NEWS_FEED_ENABLED: 'false',
  GF_SECURITY_DISABLE_GRAVATAR: 'true',
  GF_PLUGINS_PREINSTALL_DISABLED: 'true',
  GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED: 'true',
  GF_PLUGINS_PLUGIN_ADMIN_ENABLED: 'false',
  GF_SNAPSHOTS_EXTERNAL_ENABLED: 'false',
  // Rules live in Prometheus and Loki: Grafana's own engine would only take the processor's time.
  GF_UNIFIED_ALERTING_EXECUTE_ALERTS: 'false',
} as const;
