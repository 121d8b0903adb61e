import path from 'path';
import CopyWebpackPlugin from 'copy-webpack-plugin';
import ReplaceInFileWebpackPlugin from 'replace-in-file-webpack-plugin';
import { mergeWithRules } from 'webpack-merge';
import grafanaConfig from './.config/webpack/webpack.config.ts';
import { buildDate } from './scripts/buildDate.mjs';
import { withRevision } from './scripts/dashboardRevision.mjs';

const nestedPlugins = ['datasource', 'alerts-panel', 'actions-panel'];

/**
 * create-plugin's configuration with what it leaves out: logos of nested plugins, dashboards, runbooks, ESM in .mjs.
 * An .mjs file, so that Node 24 loads create-plugin's TypeScript itself and ts-node, which rejects its settings, is not asked.
 * @param {import('./.config/webpack/webpack.config.ts').Env} env
 */
const config = async (env) => {
  const base = await grafanaConfig(env);
  dateTheBuild(base.plugins);
  takeScreenshotsFromDocs(base.plugins);
  letSourcesBeRelative(base.module.rules);
  return mergeWithRules({ module: { rules: 'append' } })(base, {
    module: {
      rules: [
        // Packages of ours are written for Node's own TypeScript, where imports carry their extension.
        { test: /packages\/contracts\/src\/.*\.ts$/, resolve: { fullySpecified: false } },
        // CommonJS inside .mjs of React libraries fails at run time (React error 130) when webpack takes it for strict ESM.
        { test: /\.m?js$/, include: /node_modules/, type: 'javascript/auto', resolve: { fullySpecified: false } },
        { test: /\.md$/, type: 'asset/source' },
      ],
    },
    // Screenshots are for the catalogue: no page loads them.
    performance: { assetFilter: (name) => !/\.(map|png)(\?|$)/.test(name) },
    plugins: [
      new CopyWebpackPlugin({
        patterns: [
          ...nestedPlugins.map((name) => ({ from: `${name}/img`, to: `${name}/img` })),
          {
            from: path.resolve(process.cwd(), 'dashboards/*.json'),
            to: 'dashboards/[name][ext]',
            transform: withRevision,
            noErrorOnMissing: true,
          },
        ],
      }),
    ],
  });
};

/** %TODAY% becomes the date of the sources: with today's, no build of them could be repeated to the byte. */
function dateTheBuild(plugins) {
  const date = buildDate({ root: process.cwd() });
  const rules = plugins
    .filter((plugin) => plugin instanceof ReplaceInFileWebpackPlugin)
    .flatMap((plugin) => plugin.options.flatMap((option) => option.rules))
    .filter(({ search }) => '%TODAY%'.replace(search, '') === '');
  if (rules.length !== 1) {
    throw new Error('.config/webpack no longer replaces %TODAY% in one place: see dateTheBuild in webpack.config.mjs.');
  }
  rules[0].replace = date;
}

/** The screenshots of plugin.json are those that the browser tests make in docs/screenshots, not copies in src. */
function takeScreenshotsFromDocs(plugins) {
  for (const plugin of plugins.filter((candidate) => candidate instanceof CopyWebpackPlugin)) {
    for (const pattern of plugin.patterns) {
      if (pattern.from.startsWith('img/screenshots/')) {
        pattern.from = path.resolve(process.cwd(), 'docs/screenshots', path.basename(pattern.from));
      }
    }
  }
}

/**
 * swc-loader hands its source maps on as text, in which webpack leaves absolute paths alone. They end up in the hashes of
 * the chunks, so the folder of the checkout would change the built bytes.
 */
function letSourcesBeRelative(rules) {
  const uses = rules.map((rule) => rule.use).filter((use) => use?.loader === 'swc-loader');
  if (uses.length !== 1) {
    throw new Error(
      '.config/webpack no longer has one rule for swc-loader: see letSourcesBeRelative in webpack.config.mjs.'
    );
  }
  uses[0].options.parseMap = true;
}

export default config;
