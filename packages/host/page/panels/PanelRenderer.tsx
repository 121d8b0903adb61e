import {
  type FieldConfigSource,
  LoadingState,
  type PanelPlugin,
  applyFieldOverrides,
  compareArrayValues,
  compareDataFrameStructures,
  getDefaultTimeRange,
  getPanelOptionsWithDefaults,
} from '@grafana/data';
import { type PanelRendererProps, getAppEvents, getTemplateSrv } from '@grafana/runtime';
import { ErrorBoundaryAlert, useTheme2 } from '@grafana/ui';
import { useEffect, useMemo, useRef, useState } from 'react';
import { importPanelPlugin } from './panelPlugins';

const noFieldConfig: FieldConfigSource = { defaults: {}, overrides: [] };

/** `<PanelRenderer>` of @grafana/runtime: draws data with a panel plugin outside any dashboard. */
export function PanelRenderer({
  pluginId,
  data,
  options = {},
  fieldConfig = noFieldConfig,
  title,
  width,
  height,
  timeZone = 'browser',
  onOptionsChange,
  onFieldConfigChange,
  onChangeTimeRange,
}: PanelRendererProps) {
  const theme = useTheme2();
  const [plugin, setPlugin] = useState<PanelPlugin>();
  const [error, setError] = useState<string>();
  const revision = useRef({ series: data?.series, number: 0 });

  useEffect(() => {
    let shown = true;
    importPanelPlugin(pluginId).then(
      (loaded) => shown && setPlugin(loaded),
      (cause: Error) => shown && setError(cause.message)
    );
    return () => {
      shown = false;
    };
  }, [pluginId]);

  const effective = useMemo(
    () =>
      plugin &&
      getPanelOptionsWithDefaults({
        plugin,
        currentOptions: options as Record<string, unknown>,
        currentFieldConfig: fieldConfig,
        isAfterPluginChange: false,
      }),
    [plugin, options, fieldConfig]
  );
  const drawn = useMemo(() => {
    const { replace } = getTemplateSrv();
    const series = applyFieldOverrides({
      data: data?.series ?? [],
      fieldConfig: effective?.fieldConfig ?? noFieldConfig,
      fieldConfigRegistry: plugin?.fieldConfigRegistry,
      replaceVariables: (text) => replace.call(getTemplateSrv(), text),
      theme,
      timeZone,
    });
    if (!compareArrayValues(revision.current.series ?? [], series, compareDataFrameStructures)) {
      revision.current = { series, number: revision.current.number + 1 };
    }
    const timeRange = data?.timeRange ?? getDefaultTimeRange();
    return { state: LoadingState.Done, ...data, timeRange, series, structureRev: revision.current.number };
  }, [data, effective, plugin, theme, timeZone]);

  if (error) {
    return <div>{error}</div>;
  }
  if (!plugin?.panel || !effective) {
    return <div>Loading panel…</div>;
  }
  const Panel = plugin.panel;
  return (
    <ErrorBoundaryAlert dependencies={[plugin, data]}>
      <Panel
        id={1}
        data={drawn}
        title={title}
        timeRange={drawn.timeRange}
        timeZone={timeZone}
        options={effective.options}
        fieldConfig={effective.fieldConfig}
        transparent={false}
        width={width}
        height={height}
        renderCounter={0}
        replaceVariables={(text) => text}
        onOptionsChange={onOptionsChange ?? (() => undefined)}
        onFieldConfigChange={onFieldConfigChange ?? (() => undefined)}
        onChangeTimeRange={onChangeTimeRange ?? (() => undefined)}
        eventBus={getAppEvents()}
      />
    </ErrorBoundaryAlert>
  );
}
