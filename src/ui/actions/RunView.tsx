import React, { useEffect, useRef } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert as Box, Button, LinkButton, LoadingPlaceholder, useStyles2 } from '@grafana/ui';
import type { Run } from '@dfr-ops/contracts';
import { links } from '../../client/links';
import { ProblemBox } from '../problems/ProblemBox';
import { When } from '../times/When';
import { narrow } from '../alerts/narrow';
import { ApprovalFacts } from './ApprovalFacts';
import { RunDecisions } from './RunDecisions';
import { RunGraph } from './RunGraph';
import { RunLog } from './RunLog';
import { RunProgress } from './RunProgress';
import { RunStateBadge } from './RunStateBadge';
import { isFinal } from './runStateLook';
import { useRun } from './useRun';
import { Verdicts } from './Verdicts';

type Props = {
  uid: string;
  runId: string;
  /** What the POST answered, where the run was started here. */
  started: Run | null;
  /** Opens the action that takes this run back. */
  onRollback: (actionId: string) => void;
  onBack: () => void;
};

/** One run: where it is, what it says, and its two verdicts. It goes on whether or not this is open. */
export function RunView({ uid, runId, started, onRollback, onBack }: Props) {
  const styles = useStyles2(getStyles);
  const { run, events, problem } = useRun(uid, runId, started);
  const box = useRef<HTMLDivElement>(null);
  // The button that was pressed is gone: who sees is led to the top of the run, who listens is told of it.
  const here = started?.id === runId;
  useEffect(() => {
    if (here) {
      box.current?.scrollIntoView?.({ block: 'start' });
      box.current?.focus({ preventScroll: true });
    }
  }, [here]);
  if (!run) {
    return (
      <div className={styles.run}>
        {problem ? <ProblemBox problem={problem} /> : <LoadingPlaceholder text="Looking up the run…" />}
        <Back onBack={onBack} />
      </div>
    );
  }
  return (
    <div ref={box} tabIndex={-1} className={styles.run} data-testid="dfr-run-view" data-run={run.id}>
      <div className={styles.head}>
        <h2 className={styles.title}>{run.title}</h2>
        <span className={styles.state} data-testid="dfr-run-state" data-state={run.state} role="status">
          <RunStateBadge state={run.state} />
        </span>
        <RunDecisions uid={uid} run={run} />
      </div>
      <RunProgress run={run} />
      <ApprovalFacts run={run} />
      {problem && !isFinal(run) && <ProblemBox problem={problem} severity="warning" lead="The run goes on; this page does not hear of it at present." />}
      {run.outcome && <p className={styles.outcome} data-testid="dfr-run-outcome">{run.outcome}</p>}
      {run.nextStep && (
        <Box severity={run.state === 'failed' ? 'error' : 'warning'} title="Next step" bottomSpacing={0}>
          <span data-testid="dfr-next-step">{run.nextStep}</span>
        </Box>
      )}
      <Verdicts run={run} />
      <RunGraph uid={uid} run={run} />
      <RunLog events={events} />
      <Facts run={run} />
      <div className={styles.buttons}>
        <Back onBack={onBack} />
        {run.incidentId && (
          <LinkButton href={links.incident(run.incidentId)} icon="history" variant="secondary">
            Incident
          </LinkButton>
        )}
        {run.rollback && isFinal(run) && (
          <Button variant="secondary" icon="enter" onClick={() => onRollback(run.rollback!)} data-testid="dfr-rollback">
            Take it back ({run.rollback})
          </Button>
        )}
      </div>
    </div>
  );
}

function Back({ onBack }: { onBack: () => void }) {
  return (
    <Button variant="secondary" icon="arrow-left" onClick={onBack}>
      Other actions
    </Button>
  );
}

function Facts({ run }: { run: Run }) {
  const styles = useStyles2(getStyles);
  const parameters = Object.entries(run.parameters).map(([name, value]) => `${name} ${value === '*' ? 'any' : value}`);
  return (
    <dl className={styles.facts}>
      <dt>Asked by</dt>
      <dd>
        {run.requestedBy}, <When at={run.createdAt} />
      </dd>
      <dt>Reason</dt>
      <dd>{run.reason}</dd>
      <dt>Target</dt>
      <dd>{run.target.name}</dd>
      {parameters.length > 0 && (
        <>
          <dt>Parameters</dt>
          <dd>{parameters.join(', ')}</dd>
        </>
      )}
    </dl>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  run: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1.5), minWidth: 0, scrollMarginTop: 100, '&:focus': { outline: 'none' } }),
  head: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1, 2) }),
  title: css({ margin: 0, fontSize: theme.typography.h4.fontSize }),
  state: css({ fontWeight: theme.typography.fontWeightMedium }),
  outcome: css({ margin: 0 }),
  buttons: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1), [narrow]: { '& > *': { flex: '1 1 100%', minHeight: 44, justifyContent: 'center' } } }),
  facts: css({
    display: 'grid',
    gridTemplateColumns: 'max-content 1fr',
    gap: theme.spacing(0.25, 2),
    margin: 0,
    fontSize: theme.typography.bodySmall.fontSize,
    overflowWrap: 'anywhere',
    dt: { color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightRegular },
    dd: { margin: 0, minWidth: 0 },
  }),
});
