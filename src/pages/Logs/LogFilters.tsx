import React, { useEffect, useState } from 'react';
import { css } from '@emotion/css';
import { dateTimeForTimeZone, isDateTime, type GrafanaTheme2, type TimeRange } from '@grafana/data';
import {
  Button,
  FilterInput,
  InlineField,
  InlineSwitch,
  RadioButtonGroup,
  TimeRangePicker,
  useStyles2,
} from '@grafana/ui';
import { loggedServices, type LevelFilter } from './logQl';
import { timeRangeOf, type LogView } from './useLogView';

type Props = { view: LogView; change: (changes: Partial<LogView>) => void; reload: () => void; loading: boolean };

const levels: Array<{ value: LevelFilter; label: string; description?: string }> = [
  { value: '', label: 'All levels' },
  { value: 'warning', label: 'Warning+', description: 'Warning and worse' },
  { value: 'error', label: 'Error+', description: 'Error and worse' },
  { value: 'critical', label: 'Critical' },
];

/** Which lines, of when. Everything it sets goes into the URL. */
export function LogFilters({ view, change, reload, loading }: Props) {
  const styles = useStyles2(getStyles);
  const [text, setText] = useState(view.text);
  useEffect(() => {
    const timer = setTimeout(() => text !== view.text && change({ text }), 400);
    return () => clearTimeout(timer);
  }, [text, view.text, change]);
  const range = timeRangeOf(view);
  const setRange = ({ raw }: Pick<TimeRange, 'raw'>) =>
    change({ from: written(raw.from), to: written(raw.to), follow: view.follow && raw.to === 'now' });

  return (
    <div className={styles.bar} role="search" aria-label="Filter of the logs">
      <RadioButtonGroup
        aria-label="Service"
        options={loggedServices.map((service) => ({ value: service as string, label: names[service] }))}
        value={view.service}
        onChange={(service) => change({ service, query: '' })}
      />
      <RadioButtonGroup
        aria-label="Level"
        options={levels}
        value={view.level}
        onChange={(level) => change({ level })}
      />
      <div className={styles.text}>
        <FilterInput
          placeholder="Text or /regex/"
          aria-label="Text in the line"
          value={text}
          onChange={setText}
          escapeRegex={false}
        />
      </div>
      <TimeRangePicker
        value={range}
        onChange={setRange}
        onChangeTimeZone={() => {}}
        onMoveBackward={() => setRange(shifted(range, -0.5))}
        onMoveForward={() => setRange(shifted(range, 0.5))}
        onZoom={() => setRange(zoomedOut(range))}
        isOnCanvas
      />
      {/* The switch's own label is one that Grafana 12 draws with an attribute which a label may not have. */}
      <InlineField label="Follow" tooltip="Show new lines as they come" htmlFor="dfr-follow" className={styles.follow}>
        <InlineSwitch
          id="dfr-follow"
          value={view.follow}
          onChange={({ currentTarget: { checked } }) =>
            change(
              checked ? { follow: true, from: view.to === 'now' ? view.from : 'now-15m', to: 'now' } : { follow: false }
            )
          }
        />
      </InlineField>
      <Button variant="secondary" icon={loading ? 'spinner' : 'sync'} onClick={reload}>
        Refresh
      </Button>
      {view.query && (
        <Button variant="secondary" fill="outline" icon="times" onClick={() => change({ query: '' })}>
          Leave the alert&apos;s query, show all of {names[view.service as keyof typeof names] ?? view.service}
        </Button>
      )}
    </div>
  );
}

const names = { odoo: 'Odoo', postgresql: 'PostgreSQL', nginx: 'Nginx', host: 'Host' };

function written(end: TimeRange['raw']['from']): string {
  return isDateTime(end) ? String(end.valueOf()) : end;
}

function shifted(range: TimeRange, share: number): Pick<TimeRange, 'raw'> {
  const by = (range.to.valueOf() - range.from.valueOf()) * share;
  return rawOf(range.from.valueOf() + by, range.to.valueOf() + by);
}

function zoomedOut(range: TimeRange): Pick<TimeRange, 'raw'> {
  const half = (range.to.valueOf() - range.from.valueOf()) / 2;
  return rawOf(range.from.valueOf() - half, Math.min(range.to.valueOf() + half, Date.now()));
}

function rawOf(from: number, to: number): Pick<TimeRange, 'raw'> {
  return {
    raw: { from: dateTimeForTimeZone(undefined, Math.round(from)), to: dateTimeForTimeZone(undefined, Math.round(to)) },
  };
}

const getStyles = (theme: GrafanaTheme2) => ({
  bar: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1), alignItems: 'center' }),
  text: css({ flex: '1 1 200px', minWidth: 0 }),
  follow: css({ margin: 0 }),
});
