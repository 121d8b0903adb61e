import React from 'react';
import { Alert as Box, LinkButton } from '@grafana/ui';
import { links } from '../../client/links';
import { serviceClient } from '../../client/ServiceClient';
import { usePolled } from '../polling/usePolled';
import { When } from '../times/When';

type Props = { uid: string; fingerprint: string; filtered: boolean };

/** The alert of the link is not among the alerts: what became of it, and where it is told. */
export function SelectedGone({ uid, fingerprint, filtered }: Props) {
  const { data: incident } = usePolled(() => serviceClient(uid).newestIncident(fingerprint), `${uid} ${fingerprint}`, 5000);
  return (
    <Box severity="info" title={incident ? `${incident.alertName} is not among the alerts now` : 'The alert of this link is not among the alerts now'} bottomSpacing={0} data-testid="dfr-selected-gone">
      {incident?.state === 'resolved' && incident.resolvedAt && (
        <p>
          It is resolved since <When at={incident.resolvedAt} ago />.
        </p>
      )}
      {incident?.state === 'sight_lost' && <p>Its samples have vanished: nothing is known of it now. This is not a recovery.</p>}
      {filtered && <p>The filter may hide it.</p>}
      <LinkButton href={incident ? links.incident(incident.id) : links.newestIncident(fingerprint)} icon="history" variant="secondary" size="sm">
        Its incident
      </LinkButton>
    </Box>
  );
}
