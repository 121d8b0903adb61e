import { useCallback, useEffect, useRef, useState } from 'react';
import type { AlertsAnswer, Problem } from '@dfr-ops/contracts';
import { problemOf } from '../../client/ProblemError';
import { serviceClient } from '../../client/ServiceClient';

export type AlertsNow = {
  /** The last good answer, kept while later ones fail; undefined until the first. */
  answer: AlertsAnswer | undefined;
  /** When the last good answer came, unchanged ones included; ms since 1970. */
  askedAt: number | undefined;
  /** ms by which this browser's clock is ahead of the service's. */
  clockAhead: number;
  /** Why the last attempt failed; null after a good one. */
  problem: Problem | null;
  askNow: () => void;
};

type State = Omit<AlertsNow, 'askNow'>;
/** By subject: a panel that was scrolled out of sight and back shows at once what was known, with its age. */
const lastKnown = new Map<string, State>();
const nothing: State = { answer: undefined, askedAt: undefined, clockAhead: 0, problem: null };

/** A second between two questions; five times as long as the last one took, where the line is slow; 15 s at most. */
export function pauseAfter(tookMs: number): number {
  return Math.min(15_000, Math.max(1000, tookMs * 5));
}

/**
 * The alerts of a datasource that fit `filters`, asked while the page is visible, one question at a time. An unchanged
 * answer is the same object. A changed `refreshKey` asks at once.
 */
export function useAlerts(uid: string, filters: string[], refreshKey?: unknown): AlertsNow {
  const subject = JSON.stringify([uid, filters]);
  const [held, setHeld] = useState(() => ({ subject, state: knownOf(subject) }));
  const ask = useRef<() => void>(() => {});

  useEffect(() => {
    let dropped = false;
    let asking = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const [ofUid, ofFilters]: [string, string[]] = JSON.parse(subject);
    const once = async () => {
      clearTimeout(timer);
      if (asking || document.hidden) {
        return;
      }
      asking = true;
      const began = Date.now();
      try {
        const answer = await serviceClient(ofUid).alerts(ofFilters);
        lastKnown.set(subject, answered(answer, knownOf(subject)));
      } catch (error) {
        lastKnown.set(subject, { ...knownOf(subject), problem: problemOf(error) });
      }
      asking = false;
      if (!dropped) {
        setHeld({ subject, state: knownOf(subject) });
        timer = setTimeout(once, pauseAfter(Date.now() - began));
      }
    };
    ask.current = once;
    void once();
    document.addEventListener('visibilitychange', once);
    return () => {
      dropped = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', once);
    };
  }, [subject]);

  useEffect(() => {
    ask.current();
  }, [refreshKey]);
  const askNow = useCallback(() => ask.current(), []);
  return { ...(held.subject === subject ? held.state : knownOf(subject)), askNow };
}

function knownOf(subject: string): State {
  return lastKnown.get(subject) ?? nothing;
}

function answered(answer: AlertsAnswer, former: State): State {
  const now = Date.now();
  const clockAhead = answer === former.answer ? former.clockAhead : now - Date.parse(answer.at);
  return { answer, askedAt: now, clockAhead, problem: null };
}
