import type { Run } from '@dfr-ops/contracts';
import type { BadgeColor, IconName } from '@grafana/ui';

/** A run's state by word, colour and icon. */
export const runStateLook: Record<Run['state'], { text: string; color: BadgeColor; icon: IconName }> = {
  awaiting_approval: { text: 'Awaiting approval', color: 'orange', icon: 'user' },
  queued: { text: 'Queued', color: 'blue', icon: 'hourglass' },
  running: { text: 'Running', color: 'blue', icon: 'sync' },
  verifying: { text: 'Verifying', color: 'blue', icon: 'search' },
  succeeded: { text: 'Succeeded', color: 'green', icon: 'check' },
  unverified: { text: 'Unverified', color: 'orange', icon: 'question-circle' },
  failed: { text: 'Failed', color: 'red', icon: 'exclamation-triangle' },
  cancelled: { text: 'Cancelled', color: 'darkgrey', icon: 'ban' },
  interrupted: { text: 'Interrupted', color: 'orange', icon: 'exclamation-circle' },
  rejected: { text: 'Rejected', color: 'darkgrey', icon: 'ban' },
  expired: { text: 'Expired', color: 'darkgrey', icon: 'clock-nine' },
};

/** What was asked of the target itself. */
export const effectWords: Record<Run['effect']['state'], string> = {
  pending: 'not asked yet.',
  confirmed: 'confirmed.',
  not_confirmed: 'not there.',
  unknown: 'not known.',
};

/** What was asked of Prometheus. */
export const alertWords: Record<Run['alert']['state'], string> = {
  pending: 'not asked yet.',
  normal: 'normal.',
  still_firing: 'still firing.',
  no_data: 'no fresh samples.',
  not_meant_to_clear: 'not meant to clear.',
};
