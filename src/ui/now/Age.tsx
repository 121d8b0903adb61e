import React from 'react';
import { dateTimeFormat } from '@grafana/data';
import { durationText } from '../times/duration';
import { useNow } from './useNow';

type Props = {
  /** ISO 8601, or ms since 1970. */
  since: string | number;
  /** ms by which this browser's clock is ahead of the clock that `since` was read from. */
  clockAhead?: number;
};

/** "3 min", counted on by itself; the instant itself as a title. */
export function Age({ since, clockAhead = 0 }: Props) {
  const now = useNow();
  const at = typeof since === 'number' ? since : Date.parse(since);
  return (
    <time dateTime={new Date(at).toISOString()} title={dateTimeFormat(at)}>
      {durationText(now - clockAhead - at)}
    </time>
  );
}
