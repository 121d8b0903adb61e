import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router-dom';
import { dateTime, rangeUtil, type TimeRange } from '@grafana/data';
import type { LevelFilter, LogFilter } from './logQl';

export type LogView = LogFilter & {
  /** As they stand in the URL: ms since 1970 or like `now-30m`. */
  from: string;
  to: string;
  follow: boolean;
};

/** The logs page's whole state, kept in the URL so that it can be shared and reloaded. */
export function useLogView(): [LogView, (change: Partial<LogView>) => void] {
  const [params, setParams] = useSearchParams();
  const view = useMemo(() => viewOf(params), [params]);
  const change = useCallback(
    (changes: Partial<LogView>) =>
      setParams(
        (former) => {
          const next = new URLSearchParams(former);
          for (const [key, value] of Object.entries(changes)) {
            if (value === '' || value === false || value === undefined) {
              next.delete(key);
            } else {
              next.set(key, String(value));
            }
          }
          return next;
        },
        { replace: true }
      ),
    [setParams]
  );
  return [view, change];
}

function viewOf(params: URLSearchParams): LogView {
  const level = params.get('level') ?? '';
  return {
    service: params.get('service') || 'odoo',
    level: ['warning', 'error', 'critical'].includes(level) ? (level as LevelFilter) : '',
    text: params.get('text') ?? '',
    query: params.get('query') ?? '',
    from: params.get('from') || 'now-30m',
    to: params.get('to') || 'now',
    follow: params.get('follow') === 'true',
  };
}

/** The window of a view as of now. What cannot be read falls back to the last 30 minutes. */
export function timeRangeOf(view: Pick<LogView, 'from' | 'to'>): TimeRange {
  const raw = { from: instantOf(view.from), to: instantOf(view.to) };
  const range = rangeUtil.convertRawToRange(raw);
  return range.from.isValid() && range.to.isValid()
    ? range
    : rangeUtil.convertRawToRange({ from: 'now-30m', to: 'now' });
}

function instantOf(text: string) {
  return /^\d+$/.test(text) ? dateTime(Number(text)) : text;
}
