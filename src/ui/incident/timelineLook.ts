import type { TimelineEvent } from '@dfr-ops/contracts';
import type { IconName } from '@grafana/ui';

type Look = { icon: IconName; title: string; tone: 'bad' | 'waiting' | 'told' | 'person' | 'good' | 'failed' };

/** How a moment of an incident is drawn. */
export const timelineLook: Record<TimelineEvent['kind'], Look> = {
  pending: { icon: 'hourglass', title: 'Breach seen', tone: 'waiting' },
  firing: { icon: 'fire', title: 'Firing', tone: 'bad' },
  email_flushed: { icon: 'envelope', title: 'Email handed over', tone: 'told' },
  sms_accepted: { icon: 'mobile-android', title: 'SMS accepted', tone: 'told' },
  sms_delivered: { icon: 'mobile-android', title: 'SMS delivered', tone: 'told' },
  sms_failed: { icon: 'exclamation-triangle', title: 'SMS failed', tone: 'failed' },
  acknowledged: { icon: 'user', title: 'Acknowledged', tone: 'person' },
  unacknowledged: { icon: 'user', title: 'Acknowledgement ended', tone: 'person' },
  acknowledgement_ended: { icon: 'clock-nine', title: 'Acknowledgement over', tone: 'waiting' },
  escalated: { icon: 'bell', title: 'Next contact told', tone: 'bad' },
  commented: { icon: 'comment-alt', title: 'Comment', tone: 'person' },
  action_started: { icon: 'play', title: 'Action started', tone: 'person' },
  action_finished: { icon: 'wrench', title: 'Action finished', tone: 'person' },
  sight_lost: { icon: 'eye-slash', title: 'Sight lost', tone: 'failed' },
  sight_regained: { icon: 'eye', title: 'Sight regained', tone: 'waiting' },
  normal: { icon: 'heart', title: 'Back to normal', tone: 'good' },
  relapsed: { icon: 'repeat', title: 'Holds again', tone: 'bad' },
  resolved: { icon: 'check-circle', title: 'Resolved', tone: 'good' },
  resolved_email_accepted: { icon: 'envelope', title: 'Resolved email accepted', tone: 'told' },
  resolved_email_failed: { icon: 'exclamation-triangle', title: 'Resolved email failed', tone: 'failed' },
  resolved_sms_accepted: { icon: 'mobile-android', title: 'Resolved SMS accepted', tone: 'told' },
  resolved_sms_delivered: { icon: 'mobile-android', title: 'Resolved SMS delivered', tone: 'told' },
  resolved_sms_failed: { icon: 'exclamation-triangle', title: 'Resolved SMS failed', tone: 'failed' },
  reopened_as: { icon: 'repeat', title: 'Broke again', tone: 'bad' },
};
