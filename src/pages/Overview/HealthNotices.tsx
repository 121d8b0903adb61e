import React from 'react';
import type { ServiceHealth } from '@dfr-ops/contracts';
import { Alert, Badge } from '@grafana/ui';
import { problemOf } from '../../client/ProblemError';
import type { Polled } from '../../ui/polling/usePolled';
import { ProblemBox } from '../../ui/problems/ProblemBox';

/** What is wrong with the tool itself, loudly: nothing on the page is worth more than what it can see. */
export function HealthNotices({ health }: { health: Polled<ServiceHealth> }) {
  if (health.error) {
    return (
      <ProblemBox
        problem={problemOf(health.error)}
        lead="Which alerts fire, and what is being done, cannot be seen here now."
      />
    );
  }
  if (!health.data) {
    return null;
  }
  const { demonstration, frozen, sources } = health.data;
  const silent = sources.filter((source) => !source.ok && source.checkedAt !== null);
  return (
    <>
      {demonstration && (
        <div data-testid="dfr-demonstration">
          <Badge color="blue" icon="info-circle" text="Demonstration" /> Thresholds and waiting times are seconds here,
          not production&apos;s minutes.
        </div>
      )}
      {frozen && (
        <Alert severity="warning" title="Corrective actions are frozen" bottomSpacing={0} data-testid="dfr-frozen">
          {frozen}
        </Alert>
      )}
      {silent.length > 0 && (
        <Alert
          severity="error"
          title={`Cannot be asked: ${silent.map((source) => source.name).join(', ')}`}
          bottomSpacing={0}
          data-testid="dfr-sources-down"
        >
          <ul>
            {silent.map((source) => (
              <li key={source.name}>
                <strong>{source.name}</strong>: {source.error ?? 'no reason given'}
              </li>
            ))}
          </ul>
          What only they know is missing on this page: it is no all-clear.
        </Alert>
      )}
    </>
  );
}
