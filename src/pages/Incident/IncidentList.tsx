import React from 'react';
import { useSearchParams } from 'react-router-dom';
import { EmptyState, LoadingPlaceholder, RadioButtonGroup } from '@grafana/ui';
import { problemOf } from '../../client/ProblemError';
import { serviceClient } from '../../client/ServiceClient';
import { IncidentRows } from '../../ui/incident/IncidentRows';
import { usePolled } from '../../ui/polling/usePolled';
import { ProblemBox } from '../../ui/problems/ProblemBox';
import { PageFrame } from '../App/PageFrame';

type Shown = 'all' | 'open' | 'resolved';

const choices: Array<{ value: Shown; label: string }> = [
  { value: 'all', label: 'All' },
  { value: 'open', label: 'Open' },
  { value: 'resolved', label: 'Resolved' },
];

/** Recent incidents, newest first; which ones stands in the URL. */
export function IncidentList() {
  const [params, setParams] = useSearchParams();
  const asked = params.get('state');
  const state: Shown = asked === 'open' || asked === 'resolved' ? asked : 'all';
  const answer = usePolled(() => serviceClient().incidents({ state, limit: 50 }), state, 5000);
  const incidents = answer.data?.incidents;
  return (
    <PageFrame
      name="incident"
      title="Incidents"
      subTitle="Each is one instance of an alert, from its breach to its recovery."
    >
      <div>
        <RadioButtonGroup
          aria-label="Which incidents"
          options={choices}
          value={state}
          onChange={(value) => setParams(value === 'all' ? {} : { state: value }, { replace: true })}
        />
      </div>
      {answer.error && (
        <ProblemBox problem={problemOf(answer.error)} lead={incidents && 'The list below is from before.'} />
      )}
      {answer.loading && !incidents && !answer.error && <LoadingPlaceholder text="Loading the incidents…" />}
      {incidents && incidents.length > 0 && (
        <IncidentRows incidents={incidents} now={Date.parse(answer.data?.at ?? '')} label="Incidents, newest first" />
      )}
      {incidents?.length === 0 && !answer.error && (
        <EmptyState variant="completed" message={state === 'open' ? 'No incident is open' : 'No incident is recorded'}>
          An incident opens when an alert&apos;s expression becomes true, and stays here after it is resolved.
        </EmptyState>
      )}
    </PageFrame>
  );
}
