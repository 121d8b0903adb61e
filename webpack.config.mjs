import path from 'path';
import CopyWebpackPlugin from 'copy-webpack-plugin';
import { mergeWithRules } from 'webpack-merge';
import grafanaConfig from './.config/webpack/webpack.config.ts';

const nestedPlugins = ['datasource', 'alerts-panel', 'actions-panel'];

/**
 * create-plugin's configuration with what it leaves out: logos of nested plugins, dashboards, runbooks, ESM in .mjs.
 * An .mjs file, so that Node 24 loads create-plugin's TypeScript itself and ts-node, which rejects its settings, is not asked.
 * @param {import('./.config/webpack/webpack.config.ts').Env} env
 */
const config = async (env) => {
  const base = await grafanaConfig(env);
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
    plugins: [
      new CopyWebpackPlugin({
        patterns: [
          ...nestedPlugins.map((name) => ({ from: 'img', to: `${name}/img` })),
          { from: path.resolve(process.cwd(), 'dashboards/*.json'), to: 'dashboards/[name][ext]', noErrorOnMissing: true },
        ],
      }),
    ],
  });
};

export default config;
