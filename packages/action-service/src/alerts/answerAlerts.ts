import { createHash } from 'node:crypto';
import type { Alert, AlertsAnswer, SourceHealth } from '@dfr-ops/contracts';
import type { Matcher } from './matchers.ts';

/** More than this no person reads; what is left out is counted. */
export const ALERTS_CAP = 1000;

export type TaggedAnswer = { etag: string; answer: AlertsAnswer };

/** Filters, caps and tags the alerts. The tag covers what is said, not when: the same alerts a second later have the same tag. */
export function answerAlerts(at: number, alerts: Alert[], sources: SourceHealth[], matchers: Matcher[]): TaggedAnswer {
  const fitting = alerts.filter(({ labels }) => matchers.every((matcher) => matcher.matches(labels)));
  const shown = fitting.slice(0, ALERTS_CAP);
  const omitted = fitting.length - shown.length;
  const said = JSON.stringify([shown, omitted, sources.map(({ name, kind, ok, error }) => [name, kind, ok, error])]);
  const etag = `"${createHash('sha256').update(said).digest('base64url').slice(0, 27)}"`;
  return { etag, answer: { at: new Date(at).toISOString(), alerts: shown, omitted, sources } };
}
