import { useEffect, useState } from 'react';
import type { Problem, RollbackOffer } from '@dfr-ops/contracts';
import { problemOf } from '../../client/ProblemError';
import { serviceClient } from '../../client/ServiceClient';

export type Rollback = { offer: RollbackOffer | null; problem: Problem | null };

const none: Rollback = { offer: null, problem: null };

/** What takes a run back, asked once for each run; nothing for null. */
export function useRollback(uid: string, runId: string | null): Rollback {
  const [state, setState] = useState<Rollback & { of: string | null }>({ ...none, of: null });
  useEffect(() => {
    let dropped = false;
    const set = (next: Partial<Rollback>) => !dropped && setState({ ...none, ...next, of: runId });
    if (runId) {
      serviceClient(uid)
        .rollbackOf(runId)
        .then(
          (offer) => set({ offer }),
          (error) => set({ problem: problemOf(error) })
        );
    }
    return () => {
      dropped = true;
    };
  }, [uid, runId]);
  return state.of === runId ? state : none;
}
