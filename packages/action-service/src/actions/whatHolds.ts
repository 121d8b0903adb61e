import type { Activity } from '../connectors/postgresSessions.ts';
import { rootBlockers } from './blockingTree.ts';
import { ageOf, touchableSessions, whose, type SessionBounds } from './chooseSession.ts';
import { duration, plural } from './sessionWords.ts';

/** Where to look next when the alert goes on. */
export function whatHolds(activities: readonly Activity[], bounds: SessionBounds): string {
  const root = rootBlockers(activities)[0];
  if (root) {
    const { holder, waiting } = root;
    const way = holder.guarded
      ? `It is not to be touched (${holder.guarded}): cancel what waits for it instead.`
      : holder.state === 'active'
        ? 'Cancel that one (postgres.cancel-query), or end its session (postgres.terminate-session).'
        : 'It works on nothing, so end its session (postgres.terminate-session).';
    return `pid ${holder.pid} (${whose(holder)}, ${holder.state}) holds ${plural(waiting, 'session')} up now. ${way}`;
  }
  const oldest = touchableSessions(activities, bounds)[0];
  return oldest
    ? `Nobody is held up; the oldest transaction is that of pid ${oldest.pid} (${whose(oldest)}, ${oldest.state}, ` +
        `${duration(ageOf(oldest))}).`
    : 'No old transaction is left: wait for fresh samples, then see the runbook.';
}
