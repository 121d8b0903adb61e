import {
  FieldColorModeId,
  type FieldConfigEditorBuilder,
  FieldConfigProperty,
  type SetFieldConfigOptionsArgs,
  identityOverrideProcessor,
} from '@grafana/data';
import {
  AxisPlacement,
  GraphDrawStyle,
  type GraphFieldConfig,
  GraphGradientMode,
  GraphThresholdsStyleMode,
  LineInterpolation,
  StackingMode,
  VisibilityMode,
} from '@grafana/schema';

/** Options under `custom` that dashboards set on time series, with Grafana's defaults. Without an entry an option is ignored. */
const defaults: GraphFieldConfig = {
  drawStyle: GraphDrawStyle.Line,
  lineInterpolation: LineInterpolation.Linear,
  lineWidth: 1,
  fillOpacity: 0,
  gradientMode: GraphGradientMode.None,
  showPoints: VisibilityMode.Auto,
  pointSize: 5,
  spanNulls: false,
  insertNulls: false,
  barAlignment: 0,
  axisPlacement: AxisPlacement.Auto,
  axisBorderShow: false,
  stacking: { mode: StackingMode.None, group: 'A' },
  thresholdsStyle: { mode: GraphThresholdsStyleMode.Off },
  hideFrom: { legend: false, tooltip: false, viz: false },
};
const withoutDefault = [
  'lineStyle',
  'fillBelowTo',
  'axisLabel',
  'axisWidth',
  'axisSoftMin',
  'axisSoftMax',
  'axisColorMode',
  'axisCenteredZero',
  'axisGridShow',
  'scaleDistribution',
  'lineColor',
  'transform',
  'barMaxWidth',
  'barWidthFactor',
];

const NoEditor = () => null;

export const timeSeriesFieldConfig: SetFieldConfigOptionsArgs<GraphFieldConfig> = {
  standardOptions: {
    [FieldConfigProperty.Color]: {
      settings: { byValueSupport: true, bySeriesSupport: true, preferThresholdsMode: false },
      defaultValue: { mode: FieldColorModeId.PaletteClassic },
    },
  },
  useCustomConfig: (builder: FieldConfigEditorBuilder<GraphFieldConfig>) => {
    for (const [path, defaultValue] of Object.entries(defaults)) {
      addOption(builder, path, defaultValue);
    }
    withoutDefault.forEach((path) => addOption(builder, path, undefined));
  },
};

function addOption(builder: FieldConfigEditorBuilder<GraphFieldConfig>, path: string, defaultValue: unknown): void {
  builder.addCustomEditor({
    id: path,
    path: path as keyof GraphFieldConfig,
    name: path,
    defaultValue: defaultValue as never,
    editor: NoEditor,
    override: NoEditor,
    process: identityOverrideProcessor as never,
    shouldApply: () => true,
  });
}
