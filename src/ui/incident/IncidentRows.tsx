import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import type { Incident } from '@dfr-ops/contracts';
import { TextLink, useStyles2 } from '@grafana/ui';
import { links } from '../../client/links';
import { SeverityBadge } from '../severity/SeverityBadge';
import { durationText } from '../times/duration';
import { When } from '../times/When';
import { IncidentStateBadge } from './IncidentStateBadge';

/** Incidents as rows that lead to their page; `now` (ms) ages the open ones. */
export function IncidentRows({ incidents, now, label }: { incidents: Incident[]; now: number; label: string }) {
  const styles = useStyles2(getStyles);
  return (
    <ul className={styles.list} aria-label={label}>
      {incidents.map((incident) => (
        <li key={incident.id} className={styles.row} data-testid="dfr-incident-row" data-incident={incident.id}>
          <IncidentStateBadge state={incident.state} />
          <span className={styles.name}>
            <TextLink href={links.incident(incident.id)} inline={false} color="primary">
              {incident.alertName}
            </TextLink>
            <span className={styles.summary}>{incident.annotations.summary}</span>
          </span>
          <SeverityBadge severity={incident.severity} />
          <span className={styles.when}>
            <When at={incident.openedAt} /> · {lasted(incident, now)}
            {incident.acknowledged &&
              ` · ${incident.acknowledged.by} ${incident.state === 'resolved' ? 'worked' : 'works'} on it`}
          </span>
        </li>
      ))}
    </ul>
  );
}

function lasted(incident: Incident, now: number): string {
  const end = incident.normalAt ?? incident.resolvedAt;
  const duration = durationText((end ? Date.parse(end) : now) - Date.parse(incident.openedAt));
  return end ? `lasted ${duration}` : `for ${duration}`;
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', margin: 0, padding: 0, display: 'flex', flexDirection: 'column' }),
  row: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(0.5, 1.5),
    padding: theme.spacing(1),
    borderBottom: `1px solid ${theme.colors.border.weak}`,
    '&:hover': { background: theme.colors.action.hover },
  }),
  name: css({ flex: '1 1 220px', minWidth: 0, display: 'flex', flexDirection: 'column' }),
  summary: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  when: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
});
