import { PanelPlugin } from '@grafana/data';
import { TimeSeriesPanel, type TimeSeriesOptions } from './TimeSeriesPanel';
import { timeSeriesFieldConfig } from './timeSeriesFieldConfig';

const legend = { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] };

export function timeSeriesPanel(): PanelPlugin {
  return new PanelPlugin<TimeSeriesOptions>(TimeSeriesPanel)
    .useFieldConfig(timeSeriesFieldConfig)
    .setPanelOptions((builder) => {
      builder.addCustomEditor({
        id: 'legend',
        path: 'legend',
        name: 'Legend',
        defaultValue: legend as never,
        editor: () => null,
      });
      builder.addCustomEditor({
        id: 'tooltip',
        path: 'tooltip',
        name: 'Tooltip',
        defaultValue: { mode: 'single', sort: 'none' } as never,
        editor: () => null,
      });
    })
    .setDataSupport({ annotations: true, alertStates: false }) as PanelPlugin;
}
