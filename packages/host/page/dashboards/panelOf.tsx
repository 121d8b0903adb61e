import type { DataTransformerConfig } from '@grafana/data';
import { SceneDataTransformer, SceneQueryRunner, VizPanel } from '@grafana/scenes';
import { PanelLinks } from './PanelLinks';
import type { PanelJson } from './dashboardModel';

/** A dashboard's panel with its queries, transformations and links. */
export function panelOf(json: PanelJson): VizPanel {
  const panel = new VizPanel({
    key: `panel-${json.id}`,
    title: json.title ?? '',
    description: json.description,
    pluginId: json.type,
    pluginVersion: json.pluginVersion,
    options: { ...json.options },
    fieldConfig: json.fieldConfig ?? { defaults: {}, overrides: [] },
    displayMode: json.transparent ? 'transparent' : 'default',
    hoverHeader: !json.title,
    seriesLimit: 100,
    $data: dataOf(json),
  });
  if (json.links && json.links.length > 0) {
    panel.setState({ titleItems: <PanelLinks panel={panel} links={json.links} /> });
  }
  return panel;
}

function dataOf({
  targets = [],
  datasource,
  transformations = [],
  maxDataPoints,
  interval,
}: PanelJson): SceneDataTransformer | undefined {
  if (targets.length === 0) {
    return undefined;
  }
  return new SceneDataTransformer({
    transformations: transformations.filter(({ disabled }: DataTransformerConfig) => !disabled),
    $data: new SceneQueryRunner({
      queries: targets,
      datasource: datasource ?? undefined,
      maxDataPoints,
      maxDataPointsFromWidth: maxDataPoints === undefined,
      minInterval: interval,
    }),
  });
}
