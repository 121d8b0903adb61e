import type { PanelProps } from '@grafana/data';
import { PanelDataErrorView } from '@grafana/runtime';
import { LegendDisplayMode, TooltipDisplayMode, type VizLegendOptions, type VizTooltipOptions } from '@grafana/schema';
import { KeyboardPlugin, TimeSeries, TooltipPlugin, ZoomPlugin } from '@grafana/ui';
import { useMemo } from 'react';
import { AnnotationMarks } from './AnnotationMarks';
import { markedMoments } from './markedMoments';
import { graphFrames } from './graphFrames';

export interface TimeSeriesOptions {
  legend: VizLegendOptions;
  tooltip: VizTooltipOptions;
}

/** Lines, areas, bars and points over time, with thresholds, legend, zoom, and the annotations of the dashboard. */
export function TimeSeriesPanel({
  id,
  data,
  options,
  fieldConfig,
  width,
  height,
  timeRange,
  timeZone,
  onChangeTimeRange,
}: PanelProps<TimeSeriesOptions>) {
  const frames = useMemo(() => graphFrames(data.series), [data.series]);
  const moments = useMemo(() => markedMoments(data.annotations ?? []), [data.annotations]);
  if (!frames) {
    return <PanelDataErrorView panelId={id} data={data} fieldConfig={fieldConfig} needsTimeField needsNumberField />;
  }
  const zoom = (range: { from: number; to: number }) => onChangeTimeRange(range);
  return (
    <TimeSeries
      frames={frames}
      structureRev={data.structureRev}
      timeRange={timeRange}
      timeZone={timeZone}
      width={width}
      height={height}
      legend={shownLegend(options.legend, height)}
      options={options}
    >
      {(config, alignedFrame) => (
        <>
          <KeyboardPlugin config={config} />
          <ZoomPlugin config={config} onZoom={zoom} withZoomY={false} />
          {options.tooltip.mode !== TooltipDisplayMode.None && (
            <TooltipPlugin
              data={alignedFrame}
              config={config}
              mode={options.tooltip.mode}
              sortOrder={options.tooltip.sort}
              timeZone={timeZone}
              renderTooltip={undefined}
            />
          )}
          <AnnotationMarks config={config} moments={moments} timeRange={timeRange} timeZone={timeZone} />
        </>
      )}
    </TimeSeries>
  );
}

/** A small panel keeps its room for the graph. */
function shownLegend(legend: VizLegendOptions, height: number): VizLegendOptions {
  return height < 100 ? { ...legend, showLegend: false, displayMode: LegendDisplayMode.List } : legend;
}
