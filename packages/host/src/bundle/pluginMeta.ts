import type { BuiltPlugin, Bundle } from './builtPlugins.ts';

const baseUrl = (plugin: BuiltPlugin) => `public/plugins/${plugin.json.id}`;

/** A plugin's metadata in the form in which Grafana's frontend settings give it to the page. */
export function pluginMeta(plugin: BuiltPlugin): Record<string, unknown> {
  const { routes: _secretHeaders, info, ...json } = plugin.json;
  const logo = (file: string) => `${baseUrl(plugin)}/${file}`;
  return {
    ...json,
    info: { ...info, logos: { small: logo(info.logos.small), large: logo(info.logos.large) } },
    module: `${baseUrl(plugin)}/module.js`,
    baseUrl: baseUrl(plugin),
    signature: 'unsigned',
    angular: { detected: false, hideDeprecation: false },
    loadingStrategy: 'script',
  };
}

/** What `GET /api/plugins/:id/settings` answers. The stand-in keeps no settings: they are the provisioned ones. */
export function pluginSettings(bundle: Bundle, id: string): Record<string, unknown> | undefined {
  const plugin = bundle.plugins.find(({ json }) => json.id === id);
  return (
    plugin && {
      ...pluginMeta(plugin),
      enabled: true,
      pinned: true,
      jsonData: {},
      secureJsonFields: {},
      hasUpdate: false,
    }
  );
}
