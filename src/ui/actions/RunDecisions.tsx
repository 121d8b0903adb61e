import React, { useState } from 'react';
import { config } from '@grafana/runtime';
import { Button } from '@grafana/ui';
import type { Problem, Run } from '@dfr-ops/contracts';
import { problemOf } from '../../client/ProblemError';
import { serviceClient, type RunDecision } from '../../client/ServiceClient';
import { ProblemBox } from '../problems/ProblemBox';

type Props = { uid: string; run: Run };

/** What a person may still decide about a run: take it back, approve or reject another's, let it run in an emergency; cancel one that acts, where it can be. */
export function RunDecisions({ uid, run }: Props) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const waits = run.state === 'awaiting_approval';
  const stoppable = run.state === 'running' && run.cancellable && run.cancelRequestedBy === null;
  if (!waits && run.state !== 'queued' && !stoppable) {
    return null;
  }
  const decide = async (decision: RunDecision) => {
    setBusy(true);
    setProblem(null);
    try {
      await serviceClient(uid).decideRun(run.id, decision);
    } catch (error) {
      setProblem(problemOf(error));
    }
    setBusy(false);
  };
  const own = config.bootData?.user?.login === run.requestedBy;
  return (
    <>
      {waits && (
        <>
          <Button
            size="sm"
            icon="check"
            disabled={busy || own}
            tooltip={own ? 'Somebody else must approve what you asked for.' : undefined}
            onClick={() => void decide('approve')}
            data-testid="dfr-approve"
          >
            Approve
          </Button>
          {!own && (
            <Button size="sm" variant="destructive" fill="outline" icon="times" disabled={busy} onClick={() => void decide('reject')} data-testid="dfr-reject">
              Reject
            </Button>
          )}
        </>
      )}
      {waits && own && (
        <Button
          size="sm"
          variant="destructive"
          fill="outline"
          icon="exclamation-triangle"
          disabled={busy}
          tooltip="Runs at once without the second person. It is audited, and the others are told."
          onClick={() => void decide('override')}
          data-testid="dfr-override-waiting"
        >
          Emergency: run now, alone
        </Button>
      )}
      {(own || !waits) && (
        <Button size="sm" variant="secondary" fill="outline" icon="times" disabled={busy} onClick={() => void decide('cancel')} data-testid="dfr-cancel">
          Cancel
        </Button>
      )}
      {problem && <ProblemBox problem={problem} />}
    </>
  );
}
