import type { Run } from '@dfr-ops/contracts';

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
