import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, useStyles2 } from '@grafana/ui';
import type { Problem } from '@dfr-ops/contracts';

type Props = {
  problem: Problem;
  severity?: 'error' | 'warning';
  /** Said before the problem's own words, e.g. that what is shown is old. */
  lead?: React.ReactNode;
  /** Buttons. */
  children?: React.ReactNode;
};

/** A problem in its own three sentences: what happened, why, what to do. */
export function ProblemBox({ problem, severity = 'error', lead, children }: Props) {
  const styles = useStyles2(getStyles);
  return (
    <Alert severity={severity} title={problem.what} data-testid="dfr-problem" className={styles.box} bottomSpacing={0}>
      {lead && <p className={styles.line}>{lead}</p>}
      <p className={styles.line}>{problem.why}</p>
      {problem.issues && problem.issues.length > 0 && (
        <ul className={styles.issues}>
          {problem.issues.map((issue) => (
            <li key={issue.path + issue.message}>
              <code>{issue.path}</code>: {issue.message}
            </li>
          ))}
        </ul>
      )}
      <p className={styles.line}>
        <strong>What to do:</strong> {problem.todo}
      </p>
      {children && <div className={styles.buttons}>{children}</div>}
    </Alert>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  box: css({ width: '100%', flexGrow: 0, overflowWrap: 'anywhere' }),
  line: css({ margin: theme.spacing(0, 0, 0.5) }),
  issues: css({ margin: theme.spacing(0, 0, 0.5, 2) }),
  buttons: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1), marginTop: theme.spacing(1) }),
});
