import type { Activity, SessionId } from '../connectors/postgresSessions.ts';

/** Sessions that wait for this one, directly or behind others that do. */
export function blockedBehind(activities: readonly Activity[], pid: number): Activity[] {
  const behind = new Map<number, Activity>();
  const look = (holder: number) => {
    for (const waiter of activities.filter((one) => one.blockedBy.includes(holder))) {
      // A deadlock that is about to be found is a ring.
      if (waiter.pid !== pid && !behind.has(waiter.pid)) {
        behind.set(waiter.pid, waiter);
        look(waiter.pid);
      }
    }
  };
  look(pid);
  return [...behind.values()];
}

/** Who holds somebody up and waits for nobody: the most waiting first. */
export function rootBlockers(activities: readonly Activity[]): Array<{ holder: Activity; waiting: number }> {
  return activities
    .filter(({ blockedBy }) => blockedBy.length === 0)
    .map((holder) => ({ holder, waiting: blockedBehind(activities, holder.pid).length }))
    .filter(({ waiting }) => waiting > 0)
    .sort((one, other) => other.waiting - one.waiting);
}

export interface TreeLine {
  /** 0: holds others up and waits for nobody. */
  depth: number;
  session: Activity;
}

/** From whoever holds this session up at last down to whoever waits for it. Each session stands once. */
export function treeAround(activities: readonly Activity[], pid: number): TreeLine[] {
  const related = new Set([pid, ...blockedBehind(activities, pid).map((one) => one.pid), ...heldUpBy(activities, pid)]);
  const seen = new Set<number>();
  const lines: TreeLine[] = [];
  const add = (session: Activity, depth: number) => {
    if (seen.has(session.pid) || !related.has(session.pid)) {
      return;
    }
    seen.add(session.pid);
    lines.push({ depth, session });
    activities.filter((one) => one.blockedBy.includes(session.pid)).forEach((waiter) => add(waiter, depth + 1));
  };
  const known = new Set(activities.map((one) => one.pid));
  const tops = activities.filter(({ blockedBy }) => !blockedBy.some((holder) => known.has(holder)));
  tops.forEach((top) => add(top, 0));
  // What is left stands in a ring.
  activities.forEach((one) => add(one, 0));
  return lines;
}

/** Whoever of those seen earlier still waits for a lock. */
export function stillWaiting(activities: readonly Activity[], earlier: readonly SessionId[]): Activity[] {
  const known = new Set(earlier.map(({ pid, backendStart }) => `${pid} ${backendStart}`));
  return activities.filter((one) => one.blockedBy.length > 0 && known.has(`${one.pid} ${one.backendStart}`));
}

function heldUpBy(activities: readonly Activity[], pid: number, seen = new Set<number>()): Set<number> {
  for (const holder of activities.find((one) => one.pid === pid)?.blockedBy ?? []) {
    if (!seen.has(holder)) {
      seen.add(holder);
      heldUpBy(activities, holder, seen);
    }
  }
  return seen;
}
