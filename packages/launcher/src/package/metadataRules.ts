import semver from 'semver';
import type { Finding, Rule } from './finding.ts';
import { PluginJson } from './pluginJson.ts';
import { type Bundle, type BundledPlugin, within } from './readBundle.ts';

const oldestRelease = '12.3.0';

function eachPlugin(bundle: Bundle, judge: (plugin: BundledPlugin) => Array<Omit<Finding, 'file'> | null>): Finding[] {
  return [bundle.app, ...bundle.nested].flatMap((plugin) =>
    judge(plugin)
      .filter((finding) => finding !== null)
      .map((finding) => ({ file: within(plugin, 'plugin.json'), ...finding }))
  );
}

/** Fields, their types and their values; unknown fields are refused. */
export const hasKnownFields: Rule = (bundle) =>
  eachPlugin(bundle, ({ json }) =>
    (PluginJson.safeParse(json).error?.issues ?? []).map(({ path, message }) => ({
      cause: `${path.join('.') || 'its root'}: ${message}`,
      remedy: 'Mend it in the plugin.json of src/; packages/launcher/src/package/pluginJson.ts lists what is known.',
    }))
  );

/** The id ends in the type, differs from the name, and no two are the same. */
export const isNamedByType: Rule = (bundle) => {
  const ids = [bundle.app, ...bundle.nested].map(({ json }) => json.id);
  return eachPlugin(bundle, ({ json, folder }) => [
    json.id?.endsWith(`-${json.type}`)
      ? null
      : { cause: `its id ${json.id} does not end in its type ${json.type}`, remedy: 'Let the id end in the type.' },
    json.id === json.name ? { cause: 'its name is its id', remedy: 'Give it a name that people read.' } : null,
    ids.filter((id) => id === json.id).length > 1
      ? { cause: `another plugin of the bundle has the id ${json.id} too`, remedy: 'Give each its own id.' }
      : null,
    folder === '' && json.type !== 'app'
      ? { cause: `the bundle is of type ${json.type}`, remedy: 'Only an app may hold nested plugins.' }
      : null,
  ]);
};

/** The version comes from package.json alone, and all parts are of one build. */
export const isOfOneBuild: Rule = (bundle, { version }) =>
  eachPlugin(bundle, ({ json }) => [
    json.info?.version === version
      ? null
      : {
          cause: `its version is ${json.info?.version}, that of package.json ${version}`,
          remedy: 'Write "%VERSION%" there and build again.',
        },
    json.info?.updated === bundle.app.json.info?.updated
      ? null
      : {
          cause: `it is dated ${json.info?.updated}, the app ${bundle.app.json.info?.updated}`,
          remedy: 'Build again.',
        },
    json.buildMode === 'production'
      ? null
      : {
          cause: `it comes from a ${json.buildMode ?? 'nameless'} build`,
          remedy: 'Run `npm run build`, not `npm run dev`.',
        },
  ]);

/** One range of Grafana versions for all, open at its end, and from the oldest release that the tests look at. */
export const namesGrafanaRange: Rule = (bundle) => {
  const appRange = bundle.app.json.dependencies?.grafanaDependency;
  return eachPlugin(bundle, ({ json }) => {
    const range = json.dependencies?.grafanaDependency;
    const remedy = `Write "grafanaDependency": ">=${oldestRelease}" in every plugin.json.`;
    if (!range || semver.validRange(range) === null) {
      return [{ cause: `grafanaDependency "${range ?? ''}" is no range of versions`, remedy }];
    }
    return [
      range === appRange ? null : { cause: `it wants Grafana ${range}, the app ${appRange}`, remedy },
      semver.minVersion(range)?.version === oldestRelease && semver.satisfies('99.0.0', range)
        ? null
        : { cause: `it wants Grafana ${range}, but ${oldestRelease} and later is what the tests compare`, remedy },
    ];
  });
};
