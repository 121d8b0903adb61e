import {
  FieldColorModeId,
  FieldConfigProperty,
  PanelPlugin,
  type PanelProps,
  type ReduceDataOptions,
  getDisplayValueAlignmentFactors,
  getFieldDisplayValues,
} from '@grafana/data';
import { PanelDataErrorView } from '@grafana/runtime';
import {
  BigValue,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueJustifyMode,
  type BigValueTextMode,
  DataLinksContextMenu,
  VizRepeater,
  useTheme2,
} from '@grafana/ui';

interface StatOptions {
  reduceOptions: ReduceDataOptions;
  colorMode: BigValueColorMode;
  graphMode: BigValueGraphMode;
  justifyMode: BigValueJustifyMode;
  textMode: BigValueTextMode;
  orientation: 'auto' | 'horizontal' | 'vertical';
}

const defaults: StatOptions = {
  reduceOptions: { values: false, calcs: ['lastNotNull'], fields: '' },
  colorMode: BigValueColorMode.Value,
  graphMode: BigValueGraphMode.Area,
  justifyMode: BigValueJustifyMode.Auto,
  textMode: 'auto' as BigValueTextMode,
  orientation: 'auto',
};

/** One big number a series, coloured by its thresholds. */
function StatPanel({
  id,
  data,
  options,
  fieldConfig,
  width,
  height,
  replaceVariables,
  timeZone,
  renderCounter,
}: PanelProps<StatOptions>) {
  const theme = useTheme2();
  const getValues = () =>
    getFieldDisplayValues({
      fieldConfig,
      reduceOptions: options.reduceOptions,
      replaceVariables,
      theme,
      data: data.series,
      sparkline: options.graphMode !== BigValueGraphMode.None,
      timeZone,
    });
  if (data.series.length === 0) {
    return <PanelDataErrorView panelId={id} data={data} fieldConfig={fieldConfig} needsNumberField />;
  }
  return (
    <VizRepeater
      getValues={getValues}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      source={data}
      renderCounter={renderCounter}
      width={width}
      height={height}
      orientation={options.orientation as never}
      autoGrid
      renderValue={({ value, width: wide, height: high, count, alignmentFactors }) => {
        const draw = (extra: { onClick?: React.MouseEventHandler<HTMLElement>; className?: string }) => (
          <BigValue
            {...extra}
            value={value.display}
            count={count}
            sparkline={value.sparkline}
            colorMode={options.colorMode}
            graphMode={options.graphMode}
            justifyMode={options.justifyMode}
            textMode={options.textMode}
            alignmentFactors={alignmentFactors}
            width={wide}
            height={high}
            theme={theme}
          />
        );
        return value.hasLinks && value.getLinks ? (
          <DataLinksContextMenu links={value.getLinks}>
            {({ openMenu, targetClassName }) => draw({ onClick: openMenu, className: targetClassName })}
          </DataLinksContextMenu>
        ) : (
          draw({})
        );
      }}
    />
  );
}

export function statPanel(): PanelPlugin {
  return new PanelPlugin<StatOptions>(StatPanel)
    .useFieldConfig({
      standardOptions: {
        [FieldConfigProperty.Color]: {
          settings: { byValueSupport: true, preferThresholdsMode: true },
          defaultValue: { mode: FieldColorModeId.Thresholds },
        },
      },
    })
    .setPanelOptions((builder) => {
      for (const [path, defaultValue] of Object.entries(defaults)) {
        builder.addCustomEditor({
          id: path,
          path: path as keyof StatOptions,
          name: path,
          defaultValue: defaultValue as never,
          editor: () => null,
        });
      }
    }) as unknown as PanelPlugin;
}
