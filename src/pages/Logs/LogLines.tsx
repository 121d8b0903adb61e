import React from 'react';
import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { useStyles2, useTheme2 } from '@grafana/ui';
import type { LogLine } from '../../ui/sources/queryLoki';
import { levelColor } from './levelColor';
import { levelOfLine } from './logQl';

type Props = {
  lines: LogLine[];
  /** Marked in the lines where it is plain text. */
  text: string;
};

/** Log lines, newest first. Level is told by colour and by word. */
export function LogLines({ lines, text }: Props) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  if (lines.length === 0) {
    return <p role="status">No line matches in this window. Widen the window, or take filters away.</p>;
  }
  return (
    <ol className={styles.list} aria-label="Log lines, newest first">
      {lines.map((line, index) => {
        const level = levelOfLine(line.labels, line.text);
        return (
          <li
            key={`${line.ns} ${index}`}
            data-testid="dfr-log-line"
            data-level={level}
            className={styles.line}
            style={{ borderLeftColor: levelColor(level, theme) }}
          >
            <time
              dateTime={new Date(line.time).toISOString()}
              title={`${new Date(line.time).toISOString()} (UTC)`}
              className={styles.time}
            >
              {dateTimeFormat(line.time, { format: 'MM-DD HH:mm:ss.SSS' })}
            </time>
            <span className={styles.level}>{level}</span>
            <span className={styles.text}>
              <Marked line={line.text} text={text} />
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function Marked({ line, text }: { line: string; text: string }) {
  if (!text || /^\/.+\/$/.test(text)) {
    return <>{line}</>;
  }
  const parts = line.split(text);
  return (
    <>
      {parts.map((part, index) => (
        <React.Fragment key={index}>
          {index > 0 && <mark>{text}</mark>}
          {part}
        </React.Fragment>
      ))}
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({
    listStyle: 'none',
    margin: 0,
    padding: 0,
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  line: css({
    display: 'flex',
    flexWrap: 'wrap',
    gap: theme.spacing(0, 1),
    borderLeft: '3px solid',
    padding: theme.spacing(0.25, 1),
    '&:hover': { background: theme.colors.action.hover },
  }),
  time: css({ color: theme.colors.text.secondary, whiteSpace: 'nowrap' }),
  level: css({ width: '9ch', flexShrink: 0, whiteSpace: 'nowrap', color: theme.colors.text.secondary }),
  text: css({
    flex: '1 1 240px',
    minWidth: 0,
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
    '& mark': { background: theme.colors.warning.main, color: theme.colors.warning.contrastText },
  }),
});
