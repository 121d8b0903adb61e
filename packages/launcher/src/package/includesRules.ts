import type { Finding, Rule } from './finding.ts';
import { type Bundle, fileOf, textOf, within } from './readBundle.ts';

const remedy = 'Mend "includes" in src/plugin.json.';

function finding(cause: string, what = remedy): Finding {
  return { file: 'plugin.json', cause, remedy: what };
}

/** Each nested plugin is included with its own type, and nothing is included that is not there. */
export const includesNestedPlugins: Rule = (bundle) => {
  const includes = includesOf(bundle);
  const unlisted = bundle.nested
    .map((plugin) => within(plugin, 'plugin.json'))
    .filter((path) => !includes.some((include) => include.path === path))
    .map((path) => finding(`${path} is not among its includes`));
  const nested = includes.filter(({ type }) => type === 'datasource' || type === 'panel');
  return [
    ...unlisted,
    ...nested.flatMap(({ type, path }) => {
      const plugin = bundle.nested.find((candidate) => within(candidate, 'plugin.json') === path);
      if (!plugin) {
        return [finding(`it includes ${path}, which is not in the bundle`)];
      }
      return plugin.json.type === type
        ? []
        : [finding(`it includes ${path} as ${type}, which is a ${plugin.json.type}`)];
    }),
  ];
};

/** Pages lie below the app's own path, and one include is where its icon leads. */
export const includesPages: Rule = (bundle) => {
  const base = `/a/${bundle.app.json.id}/`;
  const includes = includesOf(bundle);
  const pages = includes.filter(({ type }) => type === 'page');
  const first = includes.filter((include) => 'defaultNav' in include && include.defaultNav);
  const twice = pages.filter(({ path }, index) => pages.findIndex((page) => page.path === path) !== index);
  return [
    ...pages
      .filter(({ path }) => !path?.startsWith(base))
      .map(({ path }) => finding(`its page ${path} is not below ${base}`)),
    ...twice.map(({ path }) => finding(`its page ${path} is included twice`)),
    ...(first.length === 1 ? [] : [finding(`${first.length} of its includes have "defaultNav": true, not one`)]),
  ];
};

/** Dashboards are there, bear the uid that is promised, and ask for no input: one that does fails to be imported. */
export const includesDashboards: Rule = (bundle) =>
  includesOf(bundle)
    .filter((include) => include.type === 'dashboard')
    .flatMap(({ path, uid }) => {
      const text = textOf(bundle, path);
      if (text === undefined) {
        return [finding(`it includes ${path}, which is not in the bundle`)];
      }
      const mend = `Mend ${path} of the project and build again.`;
      return dashboardCauses(text, uid).map((cause) => ({ file: path, cause, remedy: mend }));
    });

function dashboardCauses(text: string, uid: string): string[] {
  let dashboard: Record<string, unknown>;
  try {
    dashboard = JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    return [`it is no JSON: ${(error as Error).message}`];
  }
  return [
    dashboard.uid === uid ? null : `its uid is ${String(dashboard.uid)}, plugin.json says ${uid}`,
    typeof dashboard.title === 'string' && dashboard.title ? null : 'it has no title',
    '__inputs' in dashboard ? 'it asks for inputs (__inputs)' : null,
    typeof dashboard.id === 'number' ? 'it bears the id of a row in some database' : null,
  ].filter((cause) => cause !== null);
}

function includesOf(bundle: Bundle) {
  return bundle.app.json.includes ?? [];
}

/** Dashboards that nobody includes would lie in Grafana's folder unseen. */
export const includesAllDashboards: Rule = (bundle) =>
  bundle.files
    .filter(({ path }) => path.startsWith('dashboards/'))
    .filter(({ path }) => !includesOf(bundle).some((include) => include.path === path) && fileOf(bundle, path))
    .map(({ path }) => finding(`${path} is not among its includes`));
