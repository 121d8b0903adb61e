import React, { useState } from 'react';
import type { IncidentDetail } from '@dfr-ops/contracts';
import { Button } from '@grafana/ui';
import { defaultUid } from '../../client/ServiceClient';
import { AcknowledgeForm, Acknowledged } from '../../ui/alerts/Acknowledgement';

/** Who works on it; or the button to say that one does. A resolved incident needs neither. */
export function IncidentAcknowledgement({ incident, reload }: { incident: IncidentDetail; reload: () => void }) {
  const [asking, setAsking] = useState(false);
  const { fingerprint, id, alertName, acknowledged, state } = incident;
  const subject = { fingerprint, name: alertName, incidentId: id, acknowledged };
  if (state === 'resolved') {
    return acknowledged ? (
      <p>
        {acknowledged.by} worked on it: “{acknowledged.comment}”
      </p>
    ) : null;
  }
  if (acknowledged) {
    return <Acknowledged uid={defaultUid} alert={subject} onDone={reload} />;
  }
  if (asking) {
    const done = () => {
      setAsking(false);
      reload();
    };
    return <AcknowledgeForm uid={defaultUid} alert={subject} onDone={done} onClose={() => setAsking(false)} />;
  }
  return (
    <div>
      <Button icon="user" onClick={() => setAsking(true)} data-testid="dfr-ack">
        Acknowledge
      </Button>
    </div>
  );
}
