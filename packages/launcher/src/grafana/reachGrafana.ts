import { StartProblem } from '../problem.ts';
import { GrafanaRefusal, type GrafanaApi } from './grafanaApi.ts';

/**
 * Makes sure that a Grafana answers, lets us in as a server administrator, and has the bundle installed. Answers its
 * root_url without a slash at its end. Throws StartProblem.
 */
export async function reachGrafana(url: string, api: GrafanaApi): Promise<string> {
  const settings = await api.get<{ appUrl: string }>('/api/frontend/settings').catch((error: unknown) => {
    throw explain(url, error);
  });
  const plugin = await api.find('/api/plugins/dfr-ops-app/settings').catch((error: unknown) => {
    throw explain(url, error);
  });
  if (!plugin) {
    throw new StartProblem(
      'Grafana',
      `the Grafana at ${url} does not have the plugin dfr-ops-app`,
      'Install the bundle there (npm run package; README, "Into an existing Grafana"), restart it, then start again.'
    );
  }
  return settings.appUrl.replace(/\/+$/, '');
}

function explain(url: string, error: unknown): StartProblem {
  if (error instanceof GrafanaRefusal && (error.status === 401 || error.status === 403)) {
    return new StartProblem(
      'Grafana',
      `the Grafana at ${url} does not take the given user and password`,
      'GRAFANA_USER and GRAFANA_PASSWORD_FILE name a server administrator; the user admin without GRAFANA_USER.',
      { error }
    );
  }
  const why =
    error instanceof GrafanaRefusal
      ? error.message
      : (((error as Error).cause as Error)?.message ?? (error as Error).message);
  return new StartProblem(
    'Grafana',
    `the Grafana that GRAFANA_URL names (${url}) does not answer as one: ${why}`,
    'See whether it runs and whether the address is right.',
    { error }
  );
}
