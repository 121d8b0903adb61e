import React, { useState } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2, IconName } from '@grafana/data';
import { LinkButton, useStyles2 } from '@grafana/ui';
import type { Alert } from '@dfr-ops/contracts';
import { dashboardOfAlert, links, logsOfAlert } from '../../client/links';
import { narrow } from './narrow';

type Props = { alert: Alert; clockAhead: number };

/** One click each from an alert: its graph, dashboard, logs, runbook, actions, incident. */
export function AlertLinks({ alert, clockAhead }: Props) {
  const styles = useStyles2(getStyles);
  const [drawnAt] = useState(() => Date.now());
  // The window ends at the moment of the click, not of the drawing.
  const renewLogs = (event: React.SyntheticEvent<HTMLElement>) =>
    event.currentTarget.setAttribute('href', logsOfAlert(alert, Date.now() - clockAhead));
  const dashboard = dashboardOfAlert(alert, drawnAt - clockAhead);
  const open: Array<{ name: string; text: string; icon: IconName; href: string; primary?: boolean }> = [
    { name: 'graph', text: 'Graph', icon: 'graph-bar', href: links.alert(alert.fingerprint) },
    ...(dashboard ? [{ name: 'dashboard', text: 'Dashboard', icon: 'apps' as const, href: dashboard }] : []),
    { name: 'logs', text: 'Logs', icon: 'gf-logs', href: logsOfAlert(alert, drawnAt - clockAhead) },
    { name: 'runbook', text: 'Runbook', icon: 'book', href: links.runbook(alert.name) },
    { name: 'incident', text: 'Incident', icon: 'history', href: alert.incidentId ? links.incident(alert.incidentId) : links.newestIncident(alert.fingerprint) },
    { name: 'actions', text: 'Actions', icon: 'wrench', href: links.actions({ fingerprint: alert.fingerprint }), primary: alert.actions.length > 0 },
  ];
  return (
    <nav className={styles.links} aria-label={`Where ${alert.name} leads`}>
      {open.map(({ name, text, icon, href, primary }) => (
        <LinkButton
          key={name}
          href={href}
          icon={icon}
          size="sm"
          variant={primary ? 'primary' : 'secondary'}
          fill={primary ? 'solid' : 'text'}
          data-testid={`dfr-link-${name}`}
          {...(name === 'logs' && { onPointerDown: renewLogs, onFocus: renewLogs, onClickCapture: renewLogs })}
        >
          {text}
        </LinkButton>
      ))}
    </nav>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  links: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(0.5),
    // As large as a thumb, in one grid with the button beside it.
    [narrow]: { display: 'contents', '& > a': { minHeight: 44, justifyContent: 'center', border: `1px solid ${theme.colors.border.medium}` } },
  }),
});
