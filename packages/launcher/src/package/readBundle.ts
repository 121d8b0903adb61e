import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { StartProblem } from '../problem.ts';
import type { PluginJson } from './pluginJson.ts';

export interface BundleFile {
  /** From the bundle's root, with forward slashes. */
  path: string;
  bytes: Buffer;
}

/** One plugin of the bundle: the app, or one that is nested in it. */
export interface BundledPlugin {
  /** Folder from the bundle's root; empty for the app. */
  folder: string;
  /** As it is written: whether it holds what it must, only the rules tell. */
  json: PluginJson;
}

/** A built plugin as it lies in `dist`, read whole: some megabytes. */
export interface Bundle {
  folder: string;
  /** Sorted by path, in code units, so that every machine has the same order. */
  files: readonly BundleFile[];
  app: BundledPlugin;
  /** In the order of the app's includes. */
  nested: readonly BundledPlugin[];
}

const part = 'plugin bundle';

/** Reads a built plugin. Fails with a StartProblem when there is none, or when a plugin.json is no JSON. */
export function readBundle(folder: string): Bundle {
  if (!existsSync(join(folder, 'plugin.json'))) {
    throw new StartProblem(part, `${folder} holds no plugin.json`, 'Run `npm run build`, then package it again.');
  }
  const files = filesBelow(folder).map((path) => ({ path, bytes: readFileSync(join(folder, path)) }));
  const plugins = files
    .filter(({ path }) => posix.basename(path) === 'plugin.json')
    .map((file) => ({ folder: dirname(file.path).replace(/^\.$/, ''), json: parsePluginJson(file) }));
  const app = plugins.find((plugin) => plugin.folder === '');
  if (!app) {
    throw new StartProblem(part, `the plugin.json of ${folder} cannot be read`, 'Run `npm run build` again.');
  }
  const order = app.json.includes?.map(({ path }) => path) ?? [];
  const nested = plugins
    .filter((plugin) => plugin !== app)
    .sort((one, other) => order.indexOf(within(one, 'plugin.json')) - order.indexOf(within(other, 'plugin.json')));
  return { folder, files, app, nested };
}

export function fileOf(bundle: Bundle, path: string): BundleFile | undefined {
  return bundle.files.find((file) => file.path === path);
}

export function textOf(bundle: Bundle, path: string): string | undefined {
  return fileOf(bundle, path)?.bytes.toString('utf8');
}

/** Path of a plugin's own file, from the bundle's root. */
export function within(plugin: BundledPlugin, path: string): string {
  return posix.join(plugin.folder, path);
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const odd = entries.find((entry) => !entry.isFile() && !entry.isDirectory());
  if (odd) {
    const name = join(odd.parentPath, odd.name);
    throw new StartProblem(part, `${name} is neither a file nor a folder`, 'Remove it, or run `npm run build` again.');
  }
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort((one, other) => (one < other ? -1 : 1));
}

function parsePluginJson(file: BundleFile): PluginJson {
  try {
    return JSON.parse(file.bytes.toString('utf8')) as PluginJson;
  } catch (error) {
    throw new StartProblem(
      part,
      `${file.path} is no JSON: ${(error as Error).message}`,
      'Mend it in src/ and build again.',
      {
        error,
      }
    );
  }
}
