import type { GrafanaTheme2, IconName } from '@grafana/data';
import { finalRunStates, type Run, type RunState } from '@dfr-ops/contracts';

export type RunStateLook = { text: string; icon: IconName; tone: 'success' | 'warning' | 'error' | 'info' };

const looks: Record<RunState, RunStateLook> = {
  awaiting_approval: { text: 'waiting for a second person', icon: 'users-alt', tone: 'warning' },
  queued: { text: 'queued', icon: 'hourglass', tone: 'info' },
  running: { text: 'running', icon: 'sync', tone: 'info' },
  verifying: { text: 'verifying', icon: 'search', tone: 'info' },
  succeeded: { text: 'succeeded', icon: 'check-circle', tone: 'success' },
  unverified: { text: 'unverified', icon: 'question-circle', tone: 'warning' },
  failed: { text: 'failed', icon: 'exclamation-circle', tone: 'error' },
  cancelled: { text: 'cancelled', icon: 'times-circle', tone: 'warning' },
  interrupted: { text: 'interrupted', icon: 'exclamation-triangle', tone: 'warning' },
  rejected: { text: 'rejected', icon: 'times-circle', tone: 'warning' },
  expired: { text: 'expired', icon: 'clock-nine', tone: 'warning' },
};

export function runStateLook(state: RunState): RunStateLook {
  return looks[state];
}

export function toneColor(theme: GrafanaTheme2, tone: RunStateLook['tone']): string {
  return theme.colors[tone].text;
}

export function isFinal(run: Pick<Run, 'state'>): boolean {
  return finalRunStates.includes(run.state);
}
