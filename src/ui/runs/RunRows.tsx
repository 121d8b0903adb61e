import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import type { Run } from '@dfr-ops/contracts';
import { TextLink, useStyles2 } from '@grafana/ui';
import { links } from '../../client/links';
import { defaultUid } from '../../client/ServiceClient';
import { ApprovalFacts } from '../actions/ApprovalFacts';
import { RunDecisions } from '../actions/RunDecisions';
import { isFinal } from '../actions/runStateLook';
import { RunStateBadge } from '../actions/RunStateBadge';
import { When } from '../times/When';
import { alertWords, effectWords } from './runWords';

/** Runs of actions with both verdicts, each leading to its own page. */
export function RunRows({ runs, label }: { runs: Run[]; label: string }) {
  const styles = useStyles2(getStyles);
  return (
    <ul className={styles.list} aria-label={label}>
      {runs.map((run) => (
        <li key={run.id} className={styles.row} data-testid="dfr-run-row" data-run={run.id} data-state={run.state}>
          <div className={styles.head}>
            <RunStateBadge state={run.state} />
            <TextLink href={links.run(run.id)} color="primary">
              {run.title}
            </TextLink>
            <span className={styles.quiet}>
              on {run.target.name} · {run.requestedBy} · <When at={run.createdAt} />
              {run.alertName && ` · for ${run.alertName}`}
            </span>
          </div>
          <div className={styles.quiet}>Reason: {run.reason}</div>
          {!isFinal(run) && (
            <div className={styles.head}>
              <ApprovalFacts run={run} />
              <RunDecisions uid={defaultUid} run={run} />
            </div>
          )}
          {run.startedAt && (
            <div className={styles.verdicts}>
              <span>
                Effect: <strong>{effectWords[run.effect.state]}</strong> {!run.outcome && run.effect.detail}
              </span>
              <span>
                Alert: <strong>{alertWords[run.alert.state]}</strong> {!run.outcome && run.alert.detail}
              </span>
            </div>
          )}
          {run.outcome && <div>{run.outcome}</div>}
          {run.nextStep && (
            <div>
              <strong>Next:</strong> {run.nextStep}
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', margin: 0, padding: 0 }),
  row: css({
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(0.25),
    padding: theme.spacing(1),
    borderBottom: `1px solid ${theme.colors.border.weak}`,
  }),
  head: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(0.5, 1) }),
  verdicts: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(0, 2) }),
  quiet: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
});
