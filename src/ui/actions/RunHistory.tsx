import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { Run } from '@dfr-ops/contracts';
import { problemOf } from '../../client/ProblemError';
import { serviceClient, type RunsQuery } from '../../client/ServiceClient';
import { usePolled } from '../polling/usePolled';
import { ProblemBox } from '../problems/ProblemBox';
import { When } from '../times/When';
import { RunStateBadge } from './RunStateBadge';

type Props = {
  uid: string;
  title: string;
  query: RunsQuery;
  onOpen: (run: Run) => void;
};

/** Former runs and those under way, newest first; each opens its run. Asked every 5 s. */
export function RunHistory({ uid, title, query, onOpen }: Props) {
  const styles = useStyles2(getStyles);
  const { data, error } = usePolled(() => serviceClient(uid).runs(query), `${uid} ${JSON.stringify(query)}`, 5000);
  if (error && !data) {
    return <ProblemBox problem={problemOf(error)} severity="warning" />;
  }
  if (!data) {
    return null;
  }
  return (
    <section aria-label={title} className={styles.history} data-testid="dfr-run-history">
      <div className={styles.title}>{title}</div>
      {data.runs.length === 0 && <p className={styles.none}>None so far.</p>}
      {data.runs.map((run) => (
        <button key={run.id} type="button" className={styles.row} onClick={() => onOpen(run)} data-testid="dfr-run-row" data-run={run.id}>
          <RunStateBadge state={run.state} />
          <span className={styles.what}>
            {run.title} <span className={styles.who}>on {run.target.name} by {run.requestedBy}</span>
          </span>
          <span className={styles.who}>
            <When at={run.createdAt} />
          </span>
        </button>
      ))}
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  history: css({ display: 'flex', flexDirection: 'column', minWidth: 0 }),
  title: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize, fontWeight: theme.typography.fontWeightMedium, paddingBottom: theme.spacing(0.5) }),
  none: css({ margin: 0, color: theme.colors.text.secondary }),
  row: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(0, 1.5),
    minHeight: 36,
    padding: theme.spacing(0.75, 1),
    textAlign: 'left',
    color: theme.colors.text.primary,
    background: 'none',
    border: 0,
    borderTop: `1px solid ${theme.colors.border.weak}`,
    '&:hover': { background: theme.colors.action.hover },
    '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}`, outlineOffset: -2 },
  }),
  what: css({ flex: '1 1 200px', minWidth: 0, overflowWrap: 'anywhere' }),
  who: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
});
