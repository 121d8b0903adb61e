import React from 'react';
import { useTheme2 } from '@grafana/ui';
import type { Series } from '../sources/queryPrometheus';

type Props = {
  series: Series;
  /** s since 1970. */
  from: number;
  to: number;
  /** Drawn dashed; always in sight. */
  threshold?: number | null;
  color: string;
  height?: number;
};

const width = 200;

/** A curve without axes: enough to see whether it rises, falls or has holes. The number beside it says the rest. */
export function SparkLine({ series, from, to, threshold = null, color, height = 44 }: Props) {
  const theme = useTheme2();
  const finite = series.values.filter(Number.isFinite);
  const low = Math.min(0, ...finite);
  const high = Math.max(...finite, threshold ?? -Infinity, low + 1e-9) * 1.05;
  const x = (at: number) => ((at - from) / Math.max(1, to - from)) * width;
  const y = (value: number) => height - 1 - ((value - low) / (high - low)) * (height - 2);
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      width="100%"
      height={height}
      preserveAspectRatio="none"
      aria-hidden
      focusable="false"
    >
      {threshold !== null && (
        <line
          x1={0}
          x2={width}
          y1={y(threshold)}
          y2={y(threshold)}
          stroke={theme.colors.error.main}
          strokeDasharray="4 4"
          vectorEffect="non-scaling-stroke"
        />
      )}
      <path d={pathOf(series, x, y)} fill="none" stroke={color} strokeWidth={1.5} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

/** A gap of more than three steps is drawn as a gap. */
function pathOf({ times, values }: Series, x: (at: number) => number, y: (value: number) => number): string {
  const step = times.length > 1 ? Math.min(...times.slice(1).map((at, index) => at - times[index]!)) : 1;
  let pen = 'M';
  const parts: string[] = [];
  times.forEach((at, index) => {
    const value = values[index]!;
    const gap = index > 0 && at - times[index - 1]! > 3 * step;
    if (!Number.isFinite(value)) {
      pen = 'M';
      return;
    }
    parts.push(`${gap ? 'M' : pen}${x(at).toFixed(1)} ${y(value).toFixed(1)}`);
    pen = 'L';
  });
  return parts.join('');
}
