import React, { useMemo } from 'react';
import { css } from '@emotion/css';
import {
  dateTime,
  formattedValueToString,
  getValueFormat,
  LoadingState,
  ThresholdsMode,
  type FieldConfigSource,
  type GrafanaTheme2,
  type PanelData,
} from '@grafana/data';
import { PanelRenderer } from '@grafana/runtime';
import { PanelChrome, useStyles2, useTheme2 } from '@grafana/ui';
import { usePolled } from '../polling/usePolled';
import { queryPrometheusRange, type Series } from '../sources/queryPrometheus';
import { useWidth } from '../width/useWidth';
import { frameOfMarkers, framesOfSeries, type GraphMarker } from './signalFrames';

export type SignalGraphProps = {
  title: string;
  /** PromQL. */
  expr: string;
  /** Drawn as a line, with the breached side shaded, when given. */
  threshold?: number | null;
  comparison?: '>' | '<';
  /** A Grafana unit id, e.g. `percent`, `s`, `short`. */
  unit?: string;
  /** ms since 1970; `to` null: the window ends now and moves. */
  from: number;
  to: number | null;
  markers?: GraphMarker[];
  height?: number;
  actions?: React.ReactNode;
};

/**
 * An alert's signal over time: Grafana's own time series panel, asked of Prometheus every 5 s while its window moves.
 * Says so in words when Prometheus does not answer or has no samples.
 */
export function SignalGraph(props: SignalGraphProps) {
  const { title, expr, threshold, comparison = '>', unit = 'short', from, to, markers = [], height = 260 } = props;
  const styles = useStyles2(getStyles);
  const { ref, width } = useWidth<HTMLDivElement>();
  const answer = usePolled(
    async () => {
      const end = to ?? Date.now();
      return { series: await queryPrometheusRange(expr, from, end), end };
    },
    `${expr} ${from} ${to}`,
    to === null ? 5000 : null
  );
  const data = usePanelData(answer.data?.series ?? [], title, from, answer.data?.end ?? to ?? from, markers);
  const fieldConfig = useFieldConfig(threshold ?? null, comparison, unit);
  const empty = answer.data?.series.length === 0;

  return (
    <div ref={ref} data-testid="dfr-graph" className={styles.graph}>
      <PanelChrome
        title={title}
        width={width}
        height={height}
        loadingState={answer.loading ? LoadingState.Loading : undefined}
        actions={props.actions}
      >
        {(innerWidth, innerHeight) =>
          answer.data && !empty ? (
            <PanelRenderer
              pluginId="timeseries"
              title={title}
              width={innerWidth}
              height={innerHeight}
              data={data}
              fieldConfig={fieldConfig}
              options={panelOptions(answer.data.series.length)}
            />
          ) : (
            <p role="status" className={styles.empty}>
              {answer.error?.message ??
                (empty ? 'Prometheus has no samples of this in this window.' : 'Asking Prometheus…')}
            </p>
          )
        }
      </PanelChrome>
      {answer.data && answer.error && <p role="alert">{answer.error.message} The graph shows what was known before.</p>}
      <Caption
        series={answer.data?.series ?? []}
        threshold={threshold ?? null}
        comparison={comparison}
        unit={unit}
        markers={markers}
      />
    </div>
  );
}

type CaptionProps = {
  series: Series[];
  threshold: number | null;
  comparison: '>' | '<';
  unit: string;
  markers: GraphMarker[];
};

/** What the graph shows, in words: for those who cannot see it, and for those in a hurry. */
function Caption({ series, threshold, comparison, unit, markers }: CaptionProps) {
  const styles = useStyles2(getStyles);
  const written = (value: number) => formattedValueToString(getValueFormat(unit)(value));
  const onOff = unit.startsWith('bool');
  const last = series.map((one) => one.values.at(-1)).filter((value) => value !== undefined);
  const worst = comparison === '>' ? Math.max(...last) : Math.min(...last);
  return (
    <div className={styles.caption}>
      {last.length > 0 && <span>last sample {written(worst)}</span>}
      {threshold !== null && (
        <span data-testid="dfr-graph-threshold" className={styles.threshold}>
          alerts when {onOff ? 'off' : `${comparison === '>' ? 'over' : 'under'} ${written(threshold)}`}
        </span>
      )}
      {markers.length > 0 && (
        <span className={styles.marker}>
          {markers.length === 1 ? 'action' : `${markers.length} actions`}:{' '}
          {[...new Set(markers.map((marker) => marker.title))].join(', ')}
        </span>
      )}
    </div>
  );
}

function usePanelData(series: Series[], title: string, from: number, to: number, markers: GraphMarker[]): PanelData {
  const theme = useTheme2();
  const marked = JSON.stringify(markers);
  return useMemo(() => {
    const annotations = frameOfMarkers(JSON.parse(marked), theme.colors.primary.main);
    const range = { from: dateTime(from), to: dateTime(to) };
    return {
      state: LoadingState.Done,
      series: framesOfSeries(series, title),
      annotations: annotations ? [annotations] : [],
      timeRange: { ...range, raw: range },
      structureRev: series.length,
    };
  }, [series, title, from, to, marked, theme]);
}

function useFieldConfig(threshold: number | null, comparison: '>' | '<', unit: string): FieldConfigSource {
  return useMemo(() => {
    const [below, above] = comparison === '>' ? ['transparent', 'red'] : ['red', 'transparent'];
    const steps = [{ value: -Infinity, color: threshold === null ? 'transparent' : below }];
    if (threshold !== null) {
      steps.push({ value: threshold, color: above });
    }
    return {
      defaults: {
        unit,
        color: { mode: 'palette-classic' },
        thresholds: { mode: ThresholdsMode.Absolute, steps },
        custom: {
          drawStyle: 'line',
          lineWidth: 2,
          fillOpacity: 8,
          showPoints: 'never',
          spanNulls: false,
          thresholdsStyle: { mode: threshold === null ? 'off' : 'dashed+area' },
          // The line must be in sight while the signal is far from it.
          axisSoftMin: 0,
          axisSoftMax: threshold === null ? undefined : threshold * 1.1,
        },
      },
      overrides: [],
    };
  }, [threshold, comparison, unit]);
}

/** One series is named by the title. */
function panelOptions(series: number) {
  return {
    legend: { showLegend: series > 1, displayMode: 'list', placement: 'bottom', calcs: [] },
    tooltip: { mode: 'multi', sort: 'desc' },
  };
}

const getStyles = (theme: GrafanaTheme2) => ({
  graph: css({ width: '100%', minWidth: 0 }),
  empty: css({ padding: theme.spacing(2), color: theme.colors.text.secondary }),
  caption: css({
    display: 'flex',
    flexWrap: 'wrap',
    gap: theme.spacing(0.5, 2),
    padding: theme.spacing(0.5, 1),
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  threshold: css({ '&::before': { content: '"╌ "', color: theme.colors.error.text } }),
  marker: css({ '&::before': { content: '"┃ "', color: theme.colors.primary.text } }),
});
