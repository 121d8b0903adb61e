import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, LinkButton, useStyles2 } from '@grafana/ui';
import { links } from '../../client/links';
import { usePolled } from '../../ui/polling/usePolled';
import { queryLokiHistogram, queryLokiLines } from '../../ui/sources/queryLoki';
import { PageFrame } from '../App/PageFrame';
import { downloadLines } from './downloadLines';
import { LogFilters } from './LogFilters';
import { LogHistogram } from './LogHistogram';
import { LogLines } from './LogLines';
import { logQlOf } from './logQl';
import { timeRangeOf, useLogView } from './useLogView';

const limit = 500;

/** Logs of one service in a window: how many, when, and the lines themselves, newest first. */
export default function Logs() {
  const styles = useStyles2(getStyles);
  const [view, change] = useLogView();
  const logQl = logQlOf(view);
  const every = view.follow ? 2000 : null;
  const key = `${logQl} ${view.from} ${view.to}`;
  const ask = async <T,>(query: (from: number, to: number) => Promise<T>) => {
    const range = timeRangeOf(view);
    const [from, to] = [range.from.valueOf(), range.to.valueOf()];
    return { result: await query(from, to), from, to };
  };
  const lines = usePolled(() => ask((from, to) => queryLokiLines(logQl, from, to, limit)), key, every);
  const histogram = usePolled(() => ask((from, to) => queryLokiHistogram(logQl, from, to)), key, every);
  const reload = () => {
    lines.reload();
    histogram.reload();
  };
  const shown = lines.data?.result ?? [];
  const oldest = shown.at(-1);
  const { from, to } = timeRangeOf(view);
  const exploreUrl = links.explore({
    datasourceUid: 'dfr-loki',
    datasourceType: 'loki',
    expr: logQl,
    from: from.valueOf(),
    to: to.valueOf(),
  });

  return (
    <PageFrame name="logs" title="Logs" subTitle="What Odoo, PostgreSQL, Nginx and the host have written.">
      <LogFilters view={view} change={change} reload={reload} loading={lines.loading} />
      <div className={styles.query}>
        <code aria-label="LogQL of these lines">{logQl}</code>
        <LinkButton variant="secondary" size="sm" fill="text" icon="compass" href={exploreUrl}>
          Open in Explore
        </LinkButton>
        <Button
          variant="secondary"
          size="sm"
          fill="text"
          icon="download-alt"
          disabled={!oldest}
          onClick={() => downloadLines(shown, view.service)}
        >
          Download
        </Button>
      </div>
      {lines.error && (
        <Alert severity="error" title="The logs could not be read">
          {lines.error.message} {shown.length > 0 ? 'The lines below are from before. ' : ''}Try again with Refresh;
          when Loki stays away, the services still write to their own log files.
        </Alert>
      )}
      <LogHistogram answer={histogram.data} error={histogram.error} />
      {lines.data && <LogLines lines={shown} text={view.text} />}
      {oldest && shown.length >= limit && (
        <Button
          variant="secondary"
          onClick={() => change({ to: String(oldest.time), from: String(lines.data?.from), follow: false })}
        >
          These are the newest {limit}: show the ones before
        </Button>
      )}
    </PageFrame>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  query: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(0.5, 1),
    '& code': { flex: '1 1 260px', minWidth: 0, whiteSpace: 'pre-wrap' },
  }),
});
