import React from 'react';
import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { Alert as Box, Icon, useStyles2 } from '@grafana/ui';
import type { AlertsAnswer, Problem, SourceHealth } from '@dfr-ops/contracts';
import { Age } from '../now/Age';
import { ProblemBox } from '../problems/ProblemBox';
import { alertStatuses } from './alertStatus';
import type { AlertsNow } from './useAlerts';

/** What is shown is old, and why. */
export function Stale({ problem, askedAt }: { problem: Problem; askedAt: number }) {
  return (
    <ProblemBox
      problem={problem}
      severity="warning"
      lead={
        <strong data-testid="dfr-stale">
          Not up to date: below stands what was known at {dateTimeFormat(askedAt, { format: 'HH:mm:ss' })}, <Age since={askedAt} /> ago.
        </strong>
      }
    />
  );
}

/** Sources that the service could not ask, each with its reason. */
export function SourcesDown({ sources }: { sources: SourceHealth[] }) {
  const down = sources.filter((source) => !source.ok);
  if (down.length === 0) {
    return null;
  }
  return (
    <Box severity="warning" title={`Not everything could be asked: ${list(down.map((source) => source.name))}`} bottomSpacing={0} data-testid="dfr-sources-down">
      {down.map((source) => (
        <div key={source.name}>
          {source.name}: {source.error ?? 'no answer'}
        </div>
      ))}
      Alerts may be missing below. This is not an all-clear.
    </Box>
  );
}

type NoAlertsProps = { answer: AlertsAnswer; now: AlertsNow; filters: string[] };

/** Nothing fires, or nothing is known: never the one for the other. */
export function NoAlerts({ answer, now, filters }: NoAlertsProps) {
  const styles = useStyles2(getStyles);
  const blind = now.problem !== null || answer.sources.length === 0 || answer.sources.some((source) => !source.ok);
  const lead = filters.length > 0 ? `No alerts that fit ${filters.join(', ')}.` : 'No alerts.';
  return (
    <div className={styles.none} data-testid={blind ? 'dfr-alerts-unknown' : 'dfr-no-alerts'} role="status">
      <Icon key={String(blind)} name={blind ? 'eye-slash' : 'check-circle'} size="xl" className={blind ? styles.unknown : styles.fine} aria-hidden />
      {blind ? (
        <span>No alerts are known, but not everything could be asked: this is not an all-clear.</span>
      ) : (
        <span>
          {lead} Asked {list(answer.sources.map((source) => source.name))} <Age since={now.askedAt!} /> ago.
        </span>
      )}
    </div>
  );
}

/** How many of what, and when it was asked. */
export function AskedLine({ answer, now }: { answer: AlertsAnswer; now: AlertsNow }) {
  const styles = useStyles2(getStyles);
  const counts = new Map<string, number>();
  for (const alert of answer.alerts) {
    const { kind } = alertStatuses(alert)[0]!;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const counted = [...counts].map(([kind, count]) => `${count} ${kind.replace('_', ' ')}`).join(', ');
  return (
    <div className={styles.asked}>
      <span role="status">{counted}</span>
      {answer.omitted > 0 && <strong>{answer.omitted} more are left out: filter to see them.</strong>}
      <span className={styles.when}>
        asked <Age since={now.askedAt!} /> ago
      </span>
    </div>
  );
}

/** "Prometheus, Loki and Alertmanager" */
function list(names: string[]): string {
  const unique = [...new Set(names)];
  return unique.length < 2 ? unique.join('') : `${unique.slice(0, -1).join(', ')} and ${unique.at(-1)}`;
}

const getStyles = (theme: GrafanaTheme2) => ({
  none: css({ display: 'flex', alignItems: 'center', overflowWrap: 'anywhere', gap: theme.spacing(1.5), padding: theme.spacing(2, 1.5) }),
  fine: css({ color: theme.colors.success.text, flexShrink: 0 }),
  unknown: css({ color: theme.colors.warning.text, flexShrink: 0 }),
  asked: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(0, 2), color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  when: css({ marginLeft: 'auto' }),
});
