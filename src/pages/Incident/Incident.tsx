import React from 'react';
import { Navigate, useSearchParams } from 'react-router-dom';
import { EmptyState, LoadingPlaceholder, TextLink } from '@grafana/ui';
import { links } from '../../client/links';
import { problemOf } from '../../client/ProblemError';
import { serviceClient } from '../../client/ServiceClient';
import { usePolled } from '../../ui/polling/usePolled';
import { ProblemBox } from '../../ui/problems/ProblemBox';
import { PageFrame } from '../App/PageFrame';
import { IncidentList } from './IncidentList';
import { OneIncident } from './OneIncident';

/** ?id= is one incident, ?fingerprint= the newest of that alert, neither the list of them. */
export default function Incident() {
  const [params] = useSearchParams();
  const id = params.get('id');
  const fingerprint = params.get('fingerprint');
  if (id) {
    return <OneIncident key={id} id={id} />;
  }
  return fingerprint ? <NewestOf key={fingerprint} fingerprint={fingerprint} /> : <IncidentList />;
}

function NewestOf({ fingerprint }: { fingerprint: string }) {
  const newest = usePolled(
    async () => ({ incident: await serviceClient().newestIncident(fingerprint) }),
    fingerprint,
    2000
  );
  const [params] = useSearchParams();
  if (newest.data?.incident) {
    const next = new URLSearchParams(params);
    next.delete('fingerprint');
    next.set('id', newest.data.incident.id);
    return <Navigate to={{ search: `?${next}` }} replace />;
  }
  return (
    <PageFrame name="incident" title="Incident">
      {newest.error && <ProblemBox problem={problemOf(newest.error)} />}
      {newest.loading && !newest.error && <LoadingPlaceholder text="Looking for the alert's incident…" />}
      {newest.data && (
        <EmptyState variant="not-found" message="This alert has no incident">
          No breach of the alert {fingerprint} is recorded: the link may be of another installation, or its record is
          gone. This page looks again by itself. <TextLink href={links.incidents()}>All incidents</TextLink> ·{' '}
          <TextLink href={links.alerts()}>Alerts now</TextLink>
        </EmptyState>
      )}
    </PageFrame>
  );
}
