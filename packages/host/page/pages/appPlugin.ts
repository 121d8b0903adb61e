import type { AppPlugin } from '@grafana/data';
import { config, getBackendSrv } from '@grafana/runtime';
import { importPlugin } from '../runtime/pluginModules';

const loading = new Map<string, Promise<AppPlugin>>();

/** An app from its built module, with its settings in `meta`; loaded once. Rejects with what to do when it is not in the bundle. */
export function loadApp(id: string): Promise<AppPlugin> {
  const known = loading.get(id);
  if (known) {
    return known;
  }
  const app = load(id);
  loading.set(id, app);
  app.catch(() => loading.delete(id));
  return app;
}

async function load(id: string): Promise<AppPlugin> {
  const known = config.apps[id];
  if (!known) {
    throw new Error(`There is no app "${id}" in the bundle.`);
  }
  const meta = await getBackendSrv().get(`/api/plugins/${id}/settings`);
  const app = await importPlugin<AppPlugin>(meta);
  app.init(meta);
  return app;
}
