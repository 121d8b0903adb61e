import type { AppPlugin, DataSourcePlugin, PanelPlugin } from '@grafana/data';

interface PluginModule {
  plugin?: AppPlugin | DataSourcePlugin<never> | PanelPlugin;
}

/** Loads a built plugin as Grafana does, from `public/plugins/<id>/module.js`. Throws with the plugin's id and the cause. */
export async function importPlugin<T>(meta: { id: string; module: string }): Promise<T> {
  let module: PluginModule;
  try {
    module = (await System.import(`/${meta.module}`)) as PluginModule;
  } catch (cause) {
    throw new Error(`The plugin ${meta.id} could not be loaded: ${(cause as Error).message}`, { cause });
  }
  // A bundle without the AMD wrapper leaves its exports under `default`.
  const plugin = module.plugin ?? (module as { default?: PluginModule }).default?.plugin;
  if (!plugin) {
    throw new Error(`The plugin ${meta.id} exports no "plugin".`);
  }
  plugin.meta = meta as never;
  return plugin as T;
}
