import React, { useMemo } from 'react';
import { css } from '@emotion/css';
import {
  dateTime,
  LoadingState,
  type DataFrame,
  type FieldConfigSource,
  type GrafanaTheme2,
  type PanelData,
} from '@grafana/data';
import { PanelRenderer } from '@grafana/runtime';
import { PanelChrome, useStyles2, useTheme2 } from '@grafana/ui';
import { framesOfSeries } from '../../ui/graphs/signalFrames';
import type { Series } from '../../ui/sources/queryPrometheus';
import { useWidth } from '../../ui/width/useWidth';
import { levelColor } from './levelColor';

type Props = {
  answer: { result: { series: Series[]; step: number }; from: number; to: number } | undefined;
  error: Error | undefined;
};

/** How many lines there are of each level, over the window. */
export function LogHistogram({ answer, error }: Props) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const { ref, width } = useWidth<HTMLDivElement>();
  const series = answer?.result.series;
  const counts = (series ?? []).map((one) => ({
    level: levelOf(one),
    count: one.values.reduce((sum, value) => sum + value, 0),
  }));
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  const data = useMemo(() => panelData(answer, theme), [answer, theme]);
  return (
    <div ref={ref} className={styles.graph}>
      <PanelChrome
        title={answer ? `${total} lines` : 'Lines'}
        width={width}
        height={150}
        padding="none"
        actions={counts.map(({ level, count }) => (
          <span key={level} className={styles.level}>
            <span aria-hidden style={{ color: levelColor(level, theme) }}>
              ■
            </span>{' '}
            {level} {count}
          </span>
        ))}
      >
        {(innerWidth, innerHeight) =>
          answer && total > 0 ? (
            <PanelRenderer
              pluginId="timeseries"
              title="Lines by level"
              width={innerWidth}
              height={innerHeight}
              data={data}
              fieldConfig={bars}
              options={{
                legend: { showLegend: false, displayMode: 'list', placement: 'bottom', calcs: [] },
                tooltip: { mode: 'multi', sort: 'none' },
              }}
            />
          ) : (
            <p className={styles.empty}>{error ? error.message : answer ? 'None in this window.' : 'Counting…'}</p>
          )
        }
      </PanelChrome>
    </div>
  );
}

function levelOf(series: Series): string {
  return series.labels.level || 'no level';
}

function panelData(answer: Props['answer'], theme: GrafanaTheme2): PanelData {
  const range = { from: dateTime(answer?.from), to: dateTime(answer?.to) };
  const frames = (answer?.result.series ?? []).flatMap((one) => {
    const level = levelOf(one);
    return framesOfSeries([one], level).map((frame) =>
      filled(frame, range, answer?.result.step ?? 1, levelColor(level, theme))
    );
  });
  return { state: LoadingState.Done, series: frames, timeRange: { ...range, raw: range } };
}

/** A count that is missing is none: without zeros the bars of a quiet minute would grow into their neighbours. */
function filled(
  frame: DataFrame,
  range: { from: { valueOf(): number }; to: { valueOf(): number } },
  step: number,
  color: string
): DataFrame {
  const [time, value] = frame.fields;
  const known = new Map(time?.values.map((at: number, index: number) => [at, value?.values[index]]));
  const first = time?.values[0] ?? range.from.valueOf();
  const start = first - Math.floor((first - range.from.valueOf()) / (step * 1000)) * step * 1000;
  const times: number[] = [];
  for (let at = start; at <= range.to.valueOf(); at += step * 1000) {
    times.push(at);
  }
  const fields = [
    { ...time!, values: times },
    {
      ...value!,
      values: times.map((at) => known.get(at) ?? 0),
      config: { ...value!.config, color: { mode: 'fixed', fixedColor: color } },
    },
  ];
  return { ...frame, fields, length: times.length };
}

const bars: FieldConfigSource = {
  defaults: {
    unit: 'short',
    decimals: 0,
    custom: {
      drawStyle: 'bars',
      barAlignment: 1,
      fillOpacity: 80,
      lineWidth: 0,
      stacking: { mode: 'normal', group: 'A' },
      axisSoftMin: 0,
      showPoints: 'never',
    },
  },
  overrides: [],
};

const getStyles = (theme: GrafanaTheme2) => ({
  graph: css({ width: '100%', minWidth: 0 }),
  level: css({
    fontSize: theme.typography.bodySmall.fontSize,
    whiteSpace: 'nowrap',
    color: theme.colors.text.secondary,
  }),
  empty: css({ padding: theme.spacing(1, 2), color: theme.colors.text.secondary }),
});
