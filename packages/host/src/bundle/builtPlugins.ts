import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { PluginRoute } from '../proxy/routeMatch.ts';

/** plugin.json as the build leaves it; the fields that the host reads. */
export interface PluginJson {
  id: string;
  type: 'app' | 'datasource' | 'panel';
  name: string;
  info: { version: string; description?: string; logos: { small: string; large: string } } & Record<string, unknown>;
  includes?: Array<{
    type: string;
    name: string;
    path?: string;
    uid?: string;
    role?: string;
    addToNav?: boolean;
    defaultNav?: boolean;
    icon?: string;
  }>;
  routes?: PluginRoute[];
  [field: string]: unknown;
}

export interface BuiltPlugin {
  json: PluginJson;
  folder: string;
}

export interface Bundle {
  app: BuiltPlugin;
  /** The app first, then its nested plugins. */
  plugins: BuiltPlugin[];
}

/** Reads the built bundle: the app at its root and one nested plugin in each folder with a plugin.json. */
export function readBundle(folder: string): Bundle {
  const app = readPlugin(folder);
  if (!app || app.json.type !== 'app') {
    throw new Error(`HOST_DIST: ${folder} holds no built app plugin. Run "npm run build" first.`);
  }
  const nested = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => readPlugin(path.join(folder, entry.name)))
    .filter((plugin) => plugin !== null);
  return { app, plugins: [app, ...nested] };
}

function readPlugin(folder: string): BuiltPlugin | null {
  const file = path.join(folder, 'plugin.json');
  if (!existsSync(file)) {
    return null;
  }
  const json = JSON.parse(readFileSync(file, 'utf8')) as PluginJson;
  if (typeof json.id !== 'string' || typeof json.type !== 'string') {
    throw new Error(`${file} has no id or no type.`);
  }
  return { json, folder };
}
