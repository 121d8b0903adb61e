import { PanelPlugin } from '@grafana/data';
import { AlertsPanel, type AlertsPanelOptions } from './AlertsPanel';

const noLabels: string[] = [];
const labels = ['severity', 'service', 'alertname', 'component', 'country', 'env', 'instance'];

export const plugin = new PanelPlugin<AlertsPanelOptions>(AlertsPanel).setPanelOptions((builder) =>
  builder
    .addMultiSelect({
      path: 'groupBy',
      name: 'Group by',
      description: 'Alerts that lack a label stand under "(none)".',
      // The builder's types know one value only, where a multi-select has a list.
      defaultValue: noLabels as never[],
      settings: { options: labels.map((value) => ({ value: value as never, label: value })), allowCustomValue: true },
    })
    .addSelect({
      path: 'sort',
      name: 'Sort',
      defaultValue: 'severity',
      settings: {
        options: [
          { value: 'severity', label: 'Worst first' },
          { value: 'newest', label: 'Newest first' },
          { value: 'oldest', label: 'Oldest first' },
          { value: 'name', label: 'By name' },
        ],
      },
    })
    .addBooleanSwitch({ path: 'compact', name: 'Compact', description: 'Leaves out summaries.', defaultValue: false })
);
