import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { Approvers, Hold, OfferedAction } from '@dfr-ops/contracts';
import { When } from '../times/When';

const words: Record<Hold['kind'], string> = { lock: 'Locked', cooldown: 'Cooldown', breaker: 'Breaker', limit: 'Limit' };

/** Whom the policy names, in words: "bakary, any Admin". */
export function approversText({ users, roles }: Approvers): string {
  return [...users, ...roles.map((role) => `any ${role}`)].join(', ');
}

/** What an action asks of whom, and what holds it up: by whom and until when, for everybody to see. */
export function Holds({ action }: { action: OfferedAction }) {
  const styles = useStyles2(getStyles);
  const second = action.approval === 'second_person';
  if (action.holds.length === 0 && !second) {
    return null;
  }
  return (
    <ul className={styles.list} data-testid="dfr-holds">
      {second && <li>Asks for a second person: {approversText(action.approvers)}.</li>}
      {action.holds.map((hold) => (
        <li key={`${hold.kind} ${hold.runId}`} data-kind={hold.kind}>
          {words[hold.kind]} by {hold.by} since <When at={hold.since} />, until <When at={hold.until} /> at the latest
        </li>
      ))}
    </ul>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', margin: 0, padding: 0, color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
});
