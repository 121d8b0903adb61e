import { css } from '@emotion/css';
import {
  type DataFrame,
  FieldConfigProperty,
  type FieldConfigEditorBuilder,
  PanelPlugin,
  type PanelProps,
  cacheFieldDisplayNames,
  getFrameDisplayName,
  identityOverrideProcessor,
} from '@grafana/data';
import { PanelDataErrorView } from '@grafana/runtime';
import { TableCellDisplayMode, type TableFieldOptions, type TableSortByFieldState } from '@grafana/schema';
import { Combobox } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { useMemo } from 'react';

interface TableOptions {
  frameIndex: number;
  showHeader: boolean;
  sortBy?: TableSortByFieldState[];
  cellHeight?: string;
}

const chooserHeight = 40;

/** The chosen frame as a table; several frames get a chooser below, as in Grafana. */
function TablePanel({
  id,
  data,
  options,
  fieldConfig,
  width,
  height,
  timeRange,
  onOptionsChange,
}: PanelProps<TableOptions>) {
  const frames = useMemo(() => {
    // The table reads names from the fields' state, where applying overrides leaves none.
    cacheFieldDisplayNames(data.series);
    return data.series.filter(({ fields }) => fields.length > 0);
  }, [data.series]);
  const index = Math.min(options.frameIndex, frames.length - 1);
  const frame = frames[index];
  if (!frame) {
    return <PanelDataErrorView panelId={id} data={data} fieldConfig={fieldConfig} />;
  }
  const several = frames.length > 1;
  return (
    <div className={css({ display: 'flex', flexDirection: 'column', height: '100%', gap: 8 })}>
      <TableNG
        data={frame}
        width={width}
        height={several ? height - chooserHeight : height}
        noHeader={!options.showHeader}
        sortBy={options.sortBy ?? []}
        cellHeight={options.cellHeight as never}
        structureRev={data.structureRev}
        timeRange={timeRange}
        enableSharedCrosshair={false}
      />
      {several && (
        <Combobox
          options={frames.map(chooserOption)}
          value={index}
          onChange={({ value }) => onOptionsChange({ ...options, frameIndex: value })}
        />
      )}
    </div>
  );
}

const chooserOption = (frame: DataFrame, value: number) => ({ label: getFrameDisplayName(frame, value), value });

const fieldOptions: Record<string, unknown> = {
  align: 'auto',
  cellOptions: { type: TableCellDisplayMode.Auto },
  inspect: false,
  width: undefined,
  minWidth: undefined,
  filterable: false,
  hidden: undefined,
  hideFrom: undefined,
  wrapText: undefined,
  wrapHeaderText: undefined,
  footer: undefined,
};

export function tablePanel(): PanelPlugin {
  return new PanelPlugin<TableOptions, TableFieldOptions>(TablePanel)
    .useFieldConfig({ standardOptions: { [FieldConfigProperty.Actions]: {} }, useCustomConfig: addFieldOptions })
    .setPanelOptions((builder) => {
      builder.addCustomEditor({
        id: 'frameIndex',
        path: 'frameIndex',
        name: 'Frame',
        defaultValue: 0 as never,
        editor: () => null,
      });
      builder.addCustomEditor({
        id: 'showHeader',
        path: 'showHeader',
        name: 'Header',
        defaultValue: true as never,
        editor: () => null,
      });
    }) as unknown as PanelPlugin;
}

function addFieldOptions(builder: FieldConfigEditorBuilder<TableFieldOptions>): void {
  for (const [path, defaultValue] of Object.entries(fieldOptions)) {
    builder.addCustomEditor({
      id: path,
      path: path as never,
      name: path,
      defaultValue: defaultValue as never,
      editor: () => null,
      override: () => null,
      process: identityOverrideProcessor as never,
      shouldApply: () => true,
    });
  }
}
