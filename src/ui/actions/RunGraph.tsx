import React from 'react';
import type { Run } from '@dfr-ops/contracts';
import { serviceClient } from '../../client/ServiceClient';
import { AlertGraph } from '../graphs/AlertGraph';
import { useNow } from '../now/useNow';
import { usePolled } from '../polling/usePolled';
import { isFinal } from './runStateLook';

type Props = { uid: string; run: Run };

/** The signal of the alert that the run is to mend, before and after, with a line where acting began. */
export function RunGraph({ uid, run }: Props) {
  const { incidentId } = run;
  const key = `${uid} ${incidentId} ${isFinal(run)}`;
  const { data: incident } = usePolled(async () => (incidentId ? serviceClient(uid).incident(incidentId) : null), key, null);
  const now = useNow();
  if (!incident?.annotations.signal_query) {
    return null;
  }
  return (
    <AlertGraph
      alertName={incident.alertName}
      annotations={incident.annotations}
      since={Date.parse(incident.openedAt)}
      end={endOf(run, incident.normalAt, now)}
      runs={[run]}
      now={now}
    />
  );
}

/** The graph moves on while the run lasts and 10 min after it; then it stands still. */
function endOf(run: Run, normalAt: string | null, now: number): number | null {
  const finished = Date.parse(run.finishedAt ?? '');
  if (!finished || now - finished < 10 * 60_000) {
    return null;
  }
  return Math.max(finished, Date.parse(normalAt ?? '') || 0);
}
