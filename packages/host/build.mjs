// Builds the host's page into dist/: `node build.mjs [--force]`. Skips when nothing that it is made of has changed.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, rmSync, writeFileSync, mkdirSync, existsSync } from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { rspack } from '@rspack/core';

const here = import.meta.dirname;
const output = path.join(here, 'dist');
const require = createRequire(import.meta.url);
const grafanaRuntime = path.join(path.dirname(require.resolve('@grafana/runtime/package.json')), 'dist/esm');

/** @type {import('@rspack/core').Configuration} */
const configuration = {
  mode: 'production',
  target: ['web', 'es2022'],
  context: here,
  entry: { host: './page/main.ts' },
  output: {
    path: path.join(output, 'assets'),
    filename: '[name].[contenthash].js',
    chunkFilename: '[name].[contenthash].js',
    publicPath: '/public/host/',
    clean: true,
  },
  devtool: false,
  resolve: {
    extensions: ['.tsx', '.ts', '.mjs', '.js'],
    alias: {
      // What Grafana sets itself and @grafana/runtime does not export: the same module, by its file.
      'grafana-runtime-file': grafanaRuntime,
    },
    fallback: { stream: false, path: false, fs: false },
  },
  module: {
    rules: [
      // CommonJS inside .mjs of React libraries fails at run time (React error 130) when it is taken for strict ESM.
      { test: /\.m?js$/, include: /node_modules/, type: 'javascript/auto', resolve: { fullySpecified: false } },
      {
        test: /\.tsx?$/,
        loader: 'builtin:swc-loader',
        options: {
          jsc: {
            parser: { syntax: 'typescript', tsx: true },
            transform: { react: { runtime: 'automatic' } },
            target: 'es2022',
          },
        },
      },
      { test: /\.css$/, type: 'css/auto' },
    ],
  },
  plugins: [
    // SystemJS brings a global `define` for plugins: libraries in the page itself must not register with it.
    new rspack.DefinePlugin({
      'process.env.NODE_ENV': JSON.stringify('production'),
      'typeof define': JSON.stringify('undefined'),
    }),
    // Grafana's fonts are not in its packages: ask the machine for them instead of asking the server for files that are not there.
    new rspack.NormalModuleReplacementPlugin(
      /GlobalStyles[\\/]fonts\.mjs$|^\.\/fonts\.mjs$/,
      path.join(here, 'page/shell/localFonts.ts')
    ),
  ],
  optimization: {
    splitChunks: {
      chunks: 'all',
      cacheGroups: { vendor: { test: /node_modules/, name: 'vendor', chunks: 'initial' } },
    },
  },
  performance: { hints: false },
};

function inputsHash() {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0]);
  const files = [
    path.join(here, 'build.mjs'),
    path.join(here, '../../package-lock.json'),
    ...listFiles(path.join(here, 'page')),
  ];
  for (const file of files) {
    hash.update(file).update(readFileSync(file));
  }
  return hash.digest('hex');
}

function listFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

function build() {
  return new Promise((resolve, reject) => {
    rspack(configuration, (error, stats) => {
      if (error || !stats || stats.hasErrors()) {
        reject(error ?? new Error(stats?.toString({ all: false, errors: true, colors: false })));
      } else {
        resolve(stats.toJson({ all: false, entrypoints: true, chunks: false }));
      }
    });
  });
}

/** The server sends the compressed twin where the browser takes it: the page comes over phone links too. */
function compressAssets() {
  for (const file of listFiles(path.join(output, 'assets')).filter((name) => /\.(js|css)$/.test(name))) {
    writeFileSync(`${file}.gz`, gzipSync(readFileSync(file)));
  }
}

const stampFile = path.join(output, 'inputs.sha256');
const inputs = inputsHash();
if (!process.argv.includes('--force') && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === inputs) {
  console.log('The page is up to date.');
} else {
  const started = Date.now();
  rmSync(stampFile, { force: true });
  const stats = await build();
  const files = stats.entrypoints.host.assets.map((asset) => `/public/host/${asset.name}`);
  const [scripts, styles] = ['.js', '.css'].map((ending) => files.filter((name) => name.endsWith(ending)));
  compressAssets();
  mkdirSync(output, { recursive: true });
  writeFileSync(path.join(output, 'entry.json'), JSON.stringify({ scripts, styles }));
  writeFileSync(stampFile, inputs);
  console.log(`Built the page in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
}
