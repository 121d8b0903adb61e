import { useRef, useState } from 'react';
import type { ParameterValue, Preview, Problem, Run } from '@dfr-ops/contracts';
import { problemOf } from '../../client/ProblemError';
import { serviceClient } from '../../client/ServiceClient';

type State = { preview: Preview | null; problem: Problem | null; busy: 'preview' | 'run' | null };
type Parameters = Record<string, ParameterValue>;

export type Attempt = State & {
  ask: (parameters: Parameters) => Promise<void>;
  /** The same preview anew, for one that ran out. */
  askAgain: () => Promise<void>;
  /** Sends the run once, however often it is called while it is under way. `override`: an emergency, without the second person. */
  run: (reason: string, typedTarget: string | null, override?: boolean) => Promise<void>;
  /** What was previewed no longer holds. */
  forget: () => void;
};

const nothing: State = { preview: null, problem: null, busy: null };

/** One attempt at an action: preview, then run. Nothing is sent but by a click. */
export function useAttempt(
  uid: string,
  actionId: string,
  /** The alert that it is to mend, the run that it is to take back. */
  of: { fingerprint: string | null; rollbackOf: string | null },
  onStarted: (run: Run) => void
): Attempt {
  const [state, setState] = useState(nothing);
  const last = useRef<Parameters>({});
  // A second click comes before React has drawn the button disabled.
  const posting = useRef(false);
  // Counts what was asked or forgotten, so that an answer that comes too late is dropped.
  const round = useRef(0);

  const ask = async (parameters: Parameters) => {
    const mine = ++round.current;
    last.current = parameters;
    setState({ ...nothing, busy: 'preview' });
    try {
      const preview = await serviceClient(uid).preview(actionId, { parameters, ...of });
      if (mine === round.current) {
        setState({ ...nothing, preview });
      }
    } catch (error) {
      if (mine === round.current) {
        setState({ ...nothing, problem: problemOf(error) });
      }
    }
  };
  const run = async (reason: string, typedTarget: string | null, override = false) => {
    const token = state.preview?.token;
    if (!token || posting.current) {
      return;
    }
    posting.current = true;
    setState((former) => ({ ...former, problem: null, busy: 'run' }));
    try {
      onStarted(await serviceClient(uid).run({ token, reason, typedTarget, ...(override ? { override } : {}) }));
    } catch (error) {
      setState((former) => ({ ...former, problem: problemOf(error), busy: null }));
    } finally {
      posting.current = false;
    }
  };
  const forget = () => {
    round.current += 1;
    setState((former) => (former.busy === 'run' ? former : nothing));
  };
  return { ...state, ask, askAgain: () => ask(last.current), run, forget };
}
