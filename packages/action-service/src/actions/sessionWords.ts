import type { Session } from '../connectors/postgresSessions.ts';

/** A backup may sit idle in its transaction while others of its processes work; see dfr_ops.guarded. */
export function isBackup({ application }: Pick<Session, 'application'>): boolean {
  return /^pg_(dump|dumpall|basebackup|restore|receivewal)/.test(application);
}

/** "1 session", "7 sessions". */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** "45 s", "42 min", "3.5 h". */
export function duration(seconds: number): string {
  if (seconds < 120) {
    return `${Math.floor(seconds)} s`;
  }
  return seconds < 7200 ? `${Math.floor(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** Sessions counted by user, application and client; the biggest group first. */
export function groupSessions(sessions: readonly Session[]) {
  const groups = new Map<string, { user: string; application: string; client: string; count: number }>();
  for (const { user, application, client } of sessions) {
    const key = JSON.stringify([user, application, client]);
    const group = groups.get(key) ?? { user, application, client, count: 0 };
    group.count += 1;
    groups.set(key, group);
  }
  return [...groups.values()].sort((one, other) => other.count - one.count);
}

/** Sessions counted by application, the biggest group first; Odoo's processes, each named `odoo-<pid>`, are one. */
export function countsByApplication(sessions: ReadonlyArray<Pick<Session, 'application'>>) {
  const counts = new Map<string, number>();
  for (const { application } of sessions) {
    const name = /^odoo-\d+$/.test(application) ? 'odoo' : application;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .map(([application, count]) => ({ application, count }))
    .sort((one, other) => other.count - one.count || one.application.localeCompare(other.application));
}
