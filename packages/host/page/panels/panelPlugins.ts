import type { PanelPlugin, PanelPluginMeta } from '@grafana/data';
import { config } from '@grafana/runtime';
import { importPlugin } from '../runtime/pluginModules';
import { logsPanel } from './logs';
import { statPanel } from './stat';
import { tablePanel } from './table';
import { textPanel } from './text';
import { timeSeriesPanel } from './timeSeries';

/** Grafana's own panels are not on npm: these are thin ones over @grafana/ui. */
const ownPanels: Record<string, () => PanelPlugin> = {
  timeseries: timeSeriesPanel,
  stat: statPanel,
  table: tablePanel,
  text: textPanel,
  logs: logsPanel,
};

const loaded = new Map<string, PanelPlugin>();
const loading = new Map<string, Promise<PanelPlugin>>();

/** A panel of the bundle from its built module, or one of the host's own. Rejects for a type that is neither. */
export function importPanelPlugin(id: string): Promise<PanelPlugin> {
  const known = loading.get(id);
  if (known) {
    return known;
  }
  const plugin = load(id);
  loading.set(id, plugin);
  // A failed load is tried again by the next who asks.
  plugin.then((panel) => loaded.set(id, panel)).catch(() => loading.delete(id));
  return plugin;
}

export function panelPluginFromCache(id: string): PanelPlugin | undefined {
  return loaded.get(id);
}

async function load(id: string): Promise<PanelPlugin> {
  const own = ownPanels[id];
  if (own) {
    const panel = own();
    panel.meta = ownMeta(id);
    return panel;
  }
  const meta = config.panels[id];
  if (!meta) {
    throw new Error(
      `The stand-in host has no panel of the type ${id}. It draws ${Object.keys(ownPanels).join(', ')} and the panels of the bundle.`
    );
  }
  return importPlugin<PanelPlugin>(meta);
}

function ownMeta(id: string): PanelPluginMeta {
  const logos = { small: '', large: '' };
  return {
    id,
    name: id,
    type: 'panel' as never,
    module: `core:plugin/${id}`,
    baseUrl: '',
    sort: 1,
    skipDataQuery: id === 'text',
    info: {
      author: { name: '' },
      description: '',
      links: [],
      logos,
      screenshots: [],
      updated: '',
      version: config.buildInfo.version,
    },
  };
}
