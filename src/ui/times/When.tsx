import React from 'react';
import { css } from '@emotion/css';
import { dateTimeFormat, dateTimeFormatTimeAgo, type GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';

type Props = {
  /** ISO 8601. */
  at: string;
  /** Adds "3 minutes ago". */
  ago?: boolean;
};

/** An instant in the reader's own time and in UTC; the date only when it is not today's. */
export function When({ at, ago }: Props) {
  const styles = useStyles2(getStyles);
  const { local, utc } = localAndUtc(at);
  return (
    <time dateTime={at} title={`${dateTimeFormat(at)} · ${at}`} className={styles.time}>
      {local}
      {local !== utc && <span className={styles.utc}> {utc} UTC</span>}
      {local === utc && <span className={styles.utc}> UTC</span>}
      {ago && <span className={styles.utc}> · {dateTimeFormatTimeAgo(at)}</span>}
    </time>
  );
}

/** "14:05:09" in the reader's time zone and in UTC, each led by its date when that is not today. */
export function localAndUtc(at: string, now = Date.now()): { local: string; utc: string } {
  const day = (value: string | number, timeZone?: string) => dateTimeFormat(value, { format: 'YYYY-MM-DD', timeZone });
  const written = (timeZone?: string) =>
    dateTimeFormat(at, {
      format: day(at, timeZone) === day(now, timeZone) ? 'HH:mm:ss' : 'YYYY-MM-DD HH:mm:ss',
      timeZone,
    });
  return { local: written(), utc: written('utc') };
}

const getStyles = (theme: GrafanaTheme2) => ({
  time: css({ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }),
  utc: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
});
