import React from 'react';
import type { Run } from '@dfr-ops/contracts';
import { When } from '../times/When';
import { approversText } from './Holds';

/** Who may still agree to a run and until when, or who did, or who did without. Nothing where nobody was asked. */
export function ApprovalFacts({ run }: { run: Run }) {
  const { approvers, until, approvedBy, overriddenBy } = run.approval;
  const parts = [
    until && (
      <span key="waits">
        {run.requestedBy} asks; {approversText(approvers) || 'somebody else'} may approve until <When at={until} />.
      </span>
    ),
    approvedBy && <span key="approved">Approved by {approvedBy}.</span>,
    overriddenBy && <span key="overridden">Emergency: {overriddenBy} did without the second person.</span>,
    run.cancelRequestedBy && <span key="cancel">{run.cancelRequestedBy} asked it to stop.</span>,
    run.rollbackOf && <span key="back">Takes run {run.rollbackOf} back.</span>,
  ].filter(Boolean);
  return parts.length > 0 ? <div data-testid="dfr-approval">{parts}</div> : null;
}
