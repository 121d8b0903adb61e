import React, { useEffect, useRef } from 'react';
import { css, cx } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { RunEvent } from '@dfr-ops/contracts';

/** Steps and output in the order in which they came; keeps the newest in sight while the reader has not scrolled up. */
export function RunLog({ events }: { events: RunEvent[] }) {
  const styles = useStyles2(getStyles);
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    if (box.current && atEnd.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [events]);
  return (
    <div
      ref={box}
      className={styles.log}
      role="log"
      aria-label="Steps and output"
      tabIndex={0}
      data-testid="dfr-run-log"
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        atEnd.current = scrollHeight - scrollTop - clientHeight < 24;
      }}
    >
      {events.map((event) => (
        <div key={event.seq} className={cx(styles.line, event.kind === 'output' ? styles.output : undefined)} data-kind={event.kind}>
          <time dateTime={event.at} className={styles.time}>
            {dateTimeFormat(event.at, { format: 'HH:mm:ss' })}
          </time>
          <span>{event.text}</span>
        </div>
      ))}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  log: css({
    maxHeight: 280,
    overflow: 'auto',
    padding: theme.spacing(1),
    background: theme.colors.background.canvas,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  line: css({ display: 'flex', gap: theme.spacing(1), '& > span': { whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', minWidth: 0 } }),
  output: css({ fontFamily: theme.typography.fontFamilyMonospace }),
  time: css({ color: theme.colors.text.secondary, fontVariantNumeric: 'tabular-nums', flexShrink: 0 }),
});
