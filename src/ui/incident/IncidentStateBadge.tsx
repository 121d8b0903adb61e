import React from 'react';
import type { Incident } from '@dfr-ops/contracts';
import { Badge, type BadgeColor, type IconName } from '@grafana/ui';

const looks: Record<Incident['state'], { text: string; color: BadgeColor; icon: IconName }> = {
  pending: { text: 'Pending', color: 'orange', icon: 'hourglass' },
  firing: { text: 'Firing', color: 'red', icon: 'fire' },
  sight_lost: { text: 'Sight lost', color: 'purple', icon: 'eye-slash' },
  resolved: { text: 'Resolved', color: 'green', icon: 'check' },
};

/** An incident's state by word, colour and icon. */
export function IncidentStateBadge({ state }: { state: Incident['state'] }) {
  const { text, color, icon } = looks[state];
  return (
    <span data-testid="dfr-incident-state" data-state={state}>
      <Badge key={state} text={text} color={color} icon={icon} />
    </span>
  );
}
