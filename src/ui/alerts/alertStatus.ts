import type { IconName } from '@grafana/data';
import type { Alert } from '@dfr-ops/contracts';

/** What an alert is now, in a word and an icon. Several may hold at once; the first is the alert's own state. */
export type AlertStatus = { kind: 'firing' | 'pending' | 'sight_lost' | 'acknowledged' | 'silenced' | 'inhibited'; text: string; icon: IconName; title: string };

/** Firing, pending or sight lost first, then what people or other alerts did about it. */
export function alertStatuses(alert: Alert): AlertStatus[] {
  const statuses: AlertStatus[] = [ownState(alert)];
  if (alert.acknowledged) {
    statuses.push({ kind: 'acknowledged', text: 'acknowledged', icon: 'user', title: `${alert.acknowledged.by}: ${alert.acknowledged.comment}` });
  }
  if (alert.silencedBy.length > 0) {
    statuses.push({ kind: 'silenced', text: 'silenced', icon: 'bell-slash', title: `Alertmanager does not notify of it: silence ${alert.silencedBy.join(', ')}` });
  }
  if (alert.inhibitedBy.length > 0) {
    statuses.push({ kind: 'inhibited', text: 'inhibited', icon: 'link', title: `Alertmanager does not notify of it while ${alert.inhibitedBy.join(', ')} fires` });
  }
  return statuses;
}

function ownState(alert: Alert): AlertStatus {
  if (alert.sight === 'lost') {
    return { kind: 'sight_lost', text: `sight lost, was ${alert.state}`, icon: 'eye-slash', title: 'Its samples have vanished: nothing is known of it now. This is not a recovery.' };
  }
  return alert.state === 'firing'
    ? { kind: 'firing', text: 'firing', icon: 'fire', title: 'The threshold is exceeded, and people are told' }
    : { kind: 'pending', text: 'pending', icon: 'hourglass', title: 'The threshold is exceeded, not yet for as long as the rule demands' };
}
