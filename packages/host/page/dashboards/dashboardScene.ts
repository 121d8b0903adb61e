import {
  EmbeddedScene,
  SceneControlsSpacer,
  SceneDataLayerControls,
  SceneDataLayerSet,
  SceneGridItem,
  SceneGridLayout,
  SceneGridRow,
  SceneRefreshPicker,
  SceneTimePicker,
  SceneTimeRange,
  SceneVariableSet,
  VariableValueSelectors,
  behaviors,
  dataLayers,
} from '@grafana/scenes';
import type { AnnotationJson, DashboardJson, PanelJson } from './dashboardModel';
import { panelOf } from './panelOf';
import { variableOf } from './variableOf';

const refreshIntervals = ['5s', '10s', '30s', '1m', '5m', '15m', '30m', '1h'];

/** A classic dashboard as a scene: Grafana draws its dashboards in the same way. */
export function dashboardScene(dashboard: DashboardJson): EmbeddedScene {
  const { time = { from: 'now-6h', to: 'now' }, timezone, refresh, timepicker, graphTooltip = 0 } = dashboard;
  const layers = (dashboard.annotations?.list ?? []).flatMap(annotationLayer);
  const variables = (dashboard.templating?.list ?? []).flatMap((variable) => variableOf(variable) ?? []);
  return new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from: time.from, to: time.to, timeZone: timezone || undefined }),
    $variables: new SceneVariableSet({ variables }),
    $data: layers.length > 0 ? new SceneDataLayerSet({ name: 'Annotations', layers }) : undefined,
    $behaviors: [new behaviors.CursorSync({ sync: graphTooltip })],
    controls: [
      new VariableValueSelectors({}),
      new SceneDataLayerControls(),
      new SceneControlsSpacer(),
      new SceneTimePicker({ isOnCanvas: true }),
      new SceneRefreshPicker({
        isOnCanvas: true,
        refresh: refresh || '',
        intervals: timepicker?.refresh_intervals ?? refreshIntervals,
      }),
    ],
    body: new SceneGridLayout({
      isLazy: false,
      isDraggable: false,
      isResizable: false,
      children: gridItems(dashboard.panels ?? []),
    }),
  });
}

/** Panels after an unfolded row belong to it; a folded one brings its own. */
function gridItems(panels: PanelJson[]): Array<SceneGridItem | SceneGridRow> {
  const items: Array<SceneGridItem | SceneGridRow> = [];
  let row: SceneGridRow | null = null;
  for (const panel of panels) {
    if (panel.type === 'row') {
      row = rowOf(panel);
      items.push(row);
    } else if (row && !row.state.isCollapsed) {
      row.setState({ children: [...row.state.children, gridItem(panel)] });
    } else {
      items.push(gridItem(panel));
    }
  }
  return items;
}

function rowOf({ id, title, gridPos, collapsed = false, panels = [] }: PanelJson): SceneGridRow {
  return new SceneGridRow({
    key: `row-${id}`,
    title: title ?? '',
    y: gridPos.y,
    isCollapsed: collapsed,
    isCollapsible: true,
    children: panels.map(gridItem),
  });
}

function gridItem(panel: PanelJson): SceneGridItem {
  const { x, y, w, h } = panel.gridPos;
  return new SceneGridItem({
    key: `grid-item-${panel.id}`,
    x,
    y,
    width: w,
    height: h,
    isDraggable: false,
    isResizable: false,
    body: panelOf(panel),
  });
}

/** Grafana's own annotations are not kept here: only those of datasources are drawn. */
function annotationLayer(annotation: AnnotationJson): dataLayers.AnnotationsDataLayer[] {
  if (annotation.builtIn === 1 || annotation.datasource?.uid === '-- Grafana --') {
    return [];
  }
  const { name, enable, hide = false } = annotation;
  return [
    new dataLayers.AnnotationsDataLayer({
      key: `annotations-${name}`,
      name,
      isEnabled: enable,
      isHidden: hide,
      query: annotation as never,
    }),
  ];
}
