import React, { useState } from 'react';
import { LoadingPlaceholder, RadioButtonGroup } from '@grafana/ui';
import { problemOf } from '../../client/ProblemError';
import { serviceClient } from '../../client/ServiceClient';
import { usePolled } from '../../ui/polling/usePolled';
import { ProblemBox } from '../../ui/problems/ProblemBox';
import { RunRows } from '../../ui/runs/RunRows';

const choices = [
  { value: 'alert', label: 'For this alert' },
  { value: 'all', label: 'All' },
];

/** The last runs, newest first; those of one alert first where the page is about one. */
export function RunHistory({ fingerprint }: { fingerprint: string | null }) {
  const [shown, setShown] = useState(fingerprint ? 'alert' : 'all');
  const only = shown === 'alert' && fingerprint ? { fingerprint } : {};
  const answer = usePolled(() => serviceClient().runs({ limit: 25, ...only }), shown, 3000);
  const runs = answer.data?.runs;
  return (
    <>
      {fingerprint && <RadioButtonGroup aria-label="Which runs" options={choices} value={shown} onChange={setShown} />}
      {answer.error && <ProblemBox problem={problemOf(answer.error)} lead={runs && 'The list below is from before.'} />}
      {!runs && !answer.error && <LoadingPlaceholder text="Loading the runs…" />}
      {runs && runs.length > 0 && <RunRows runs={runs} label="Runs, newest first" />}
      {runs?.length === 0 && !answer.error && (
        <p>{only.fingerprint ? 'Nothing was done for this alert yet.' : 'Nothing was done yet.'}</p>
      )}
    </>
  );
}
