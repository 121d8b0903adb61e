import { locationUtil } from '@grafana/data';
import { finalRunStates, RunEvent, type Run } from '@dfr-ops/contracts';
import { parse, proxyPath } from './ask';
import { ProblemError } from './ProblemError';
import type { ServiceClient } from './ServiceClient';

export type RunFollower = {
  /** Each event once, in order of `seq`, from the run's beginning. */
  onEvent: (event: RunEvent) => void;
  /** The run as it stands, also where no event came with it. */
  onRun: (run: Run) => void;
  /** Events do not come at present; null: they come again. Following goes on by itself. */
  onProblem: (problem: ProblemError | null) => void;
};

const longPollSeconds = 15;
const longestPause = 10_000;
const longestSilence = 6000;
/** EventSource.CLOSED */
const closed = 2;

/**
 * Follows a run to its end: by event stream, and by long poll where the stream breaks twice without an event between or
 * is silent for 6 s (a proxy in the way may hold it back, and nothing tells that from a slow run). Answers a function
 * that stops following; the run itself goes on regardless.
 */
export function followRun(client: ServiceClient, runId: string, follower: RunFollower): () => void {
  let seen = 0;
  let failures = 0;
  let stopped = false;
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const stop = () => {
    stopped = true;
    source?.close();
    clearTimeout(timer);
  };
  const take = (event: RunEvent) => {
    if (stopped || event.seq <= seen) {
      return;
    }
    seen = event.seq;
    failures = 0;
    follower.onProblem(null);
    follower.onEvent(event);
    takeRun(event.run);
    if (!stopped && source && source.readyState !== closed) {
      listen();
    }
  };
  const takeRun = (run: Run) => {
    follower.onRun(run);
    if (finalRunStates.includes(run.state)) {
      stop();
    }
  };
  const again = (step: () => void) => {
    if (!stopped) {
      timer = setTimeout(step, Math.min(longestPause, 250 * 2 ** failures));
    }
  };

  const pollInstead = () => {
    source?.close();
    void poll();
  };
  const listen = () => {
    clearTimeout(timer);
    timer = setTimeout(pollInstead, longestSilence);
  };
  const stream = () => {
    const path = proxyPath(client.uid, 'read', `runs/${encodeURIComponent(runId)}/events`, { after: seen });
    source = new EventSource(locationUtil.assureBaseUrl(path));
    source.addEventListener('run', (message) => {
      try {
        take(parse(RunEvent, JSON.parse((message as MessageEvent<string>).data)));
      } catch {
        // What cannot be read as a stream is asked for again as an answer, whose errors have words.
        clearTimeout(timer);
        pollInstead();
      }
    });
    // The browser would reconnect with the old `after`; we do, with the newest.
    source.addEventListener('error', () => {
      source?.close();
      clearTimeout(timer);
      failures += 1;
      again(failures > 1 ? poll : stream);
    });
    listen();
  };
  const poll = async () => {
    try {
      const { events, run } = await client.runEvents(runId, seen, longPollSeconds);
      if (stopped) {
        return;
      }
      failures = 0;
      follower.onProblem(null);
      events.forEach(take);
      if (!stopped) {
        takeRun(run);
      }
    } catch (error) {
      if (stopped) {
        return;
      }
      failures += 1;
      const problem = error instanceof ProblemError ? error : null;
      follower.onProblem(problem);
      if (problem && [403, 404].includes(problem.status)) {
        return stop();
      }
    }
    again(poll);
  };

  if (typeof EventSource === 'undefined') {
    void poll();
  } else {
    stream();
  }
  return stop;
}
