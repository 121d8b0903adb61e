import { useEffect, useState } from 'react';
import type { Problem, Run, RunEvent } from '@dfr-ops/contracts';
import { followRun } from '../../client/followRun';
import { problemOf } from '../../client/ProblemError';
import { serviceClient } from '../../client/ServiceClient';

export type FollowedRun = { run: Run | null; events: RunEvent[]; problem: Problem | null };

/**
 * A run and its events as they come, from its beginning, also after a reload of the page. `started` is what the POST
 * answered, so that there is something to see at once. The run goes on whether or not anybody follows it.
 */
export function useRun(uid: string, runId: string, started: Run | null): FollowedRun {
  const known = started?.id === runId ? started : null;
  const [state, setState] = useState<FollowedRun & { id: string }>({ id: runId, run: known, events: [], problem: null });

  useEffect(() => {
    let dropped = false;
    const change = (next: (former: FollowedRun) => Partial<FollowedRun>) => {
      if (!dropped) {
        setState((former) => {
          const same = former.id === runId ? former : { id: runId, run: null, events: [], problem: null };
          return { ...same, ...next(same) };
        });
      }
    };
    const client = serviceClient(uid);
    // The run as it stands, before the first event: an older answer never replaces what an event said.
    client.runById(runId).then(
      (run) => change((former) => (former.events.length > 0 ? {} : { run })),
      (error) => change((former) => (former.run ? {} : { problem: problemOf(error) }))
    );
    const stop = followRun(client, runId, {
      onEvent: (event) => change(({ events }) => ({ events: [...events, event] })),
      onRun: (run) => change(() => ({ run })),
      onProblem: (error) => change((former) => (error === null && former.problem === null ? {} : { problem: error?.problem ?? null })),
    });
    return () => {
      dropped = true;
      stop();
    };
  }, [uid, runId]);

  return state.id === runId ? state : { run: known, events: [], problem: null };
}
