import { css } from '@emotion/css';
import { type GrafanaTheme2, type TimeRange, type TimeZone, colorManipulator, dateTimeFormat } from '@grafana/data';
import { Tooltip, type UPlotConfigBuilder, useStyles2, useTheme2 } from '@grafana/ui';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import type uPlot from 'uplot';
import type { MarkedMoment } from './markedMoments';

interface Props {
  config: UPlotConfigBuilder;
  moments: MarkedMoment[];
  timeRange: TimeRange;
  timeZone: TimeZone;
}

/** Dashed lines over the graph, and at its foot a mark that tells what happened there. */
export function AnnotationMarks({ config, moments, timeRange, timeZone }: Props) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const [plot, setPlot] = useState<uPlot>();
  const drawn = useRef(moments);
  drawn.current = moments;

  useLayoutEffect(() => {
    config.addHook('init', setPlot);
    config.addHook('draw', (u: uPlot) =>
      drawLines(u, drawn.current, (color) => theme.visualization.getColorByName(color))
    );
  }, [config, theme]);
  useEffect(() => plot?.redraw(), [plot, moments]);

  if (!plot) {
    return null;
  }
  const [from, to] = [timeRange.from.valueOf(), timeRange.to.valueOf()];
  const shown = moments.filter(({ time, end }) => end >= from && time <= to);
  return createPortal(
    <>
      {shown.map((moment, index) => (
        <Tooltip key={`${moment.time}/${index}`} content={<What moment={moment} timeZone={timeZone} />}>
          <span
            className={styles.mark}
            style={{
              left: `${(100 * (Math.max(moment.time, from) - from)) / (to - from)}%`,
              borderBottomColor: theme.visualization.getColorByName(moment.color),
            }}
          />
        </Tooltip>
      ))}
    </>,
    plot.over
  );
}

function What({ moment, timeZone }: { moment: MarkedMoment; timeZone: TimeZone }) {
  return (
    <div>
      <strong>{moment.title || moment.tags.join(', ')}</strong>
      <div>{dateTimeFormat(moment.time, { timeZone })}</div>
      <div>{moment.text}</div>
    </div>
  );
}

function drawLines(u: uPlot, moments: MarkedMoment[], colorOf: (name: string) => string): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const { time, end, color } of moments) {
    const [left, right] = [u.valToPos(time, 'x', true), u.valToPos(end, 'x', true)];
    ctx.strokeStyle = colorOf(color);
    ctx.setLineDash([5, 5]);
    for (const x of right > left ? [left, right] : [left]) {
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.fillStyle = colorManipulator.alpha(colorOf(color), 0.1);
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
  }
  ctx.restore();
}

const getStyles = (_theme: GrafanaTheme2) => ({
  mark: css({
    position: 'absolute',
    bottom: -6,
    width: 0,
    height: 0,
    transform: 'translateX(-50%)',
    borderLeft: '5px solid transparent',
    borderRight: '5px solid transparent',
    borderBottom: '6px solid',
    zIndex: 1,
    pointerEvents: 'auto',
  }),
});
