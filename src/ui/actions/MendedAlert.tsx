import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { links } from '../../client/links';
import { AlertStatusBadges } from '../alerts/AlertStatusBadges';
import { useAlerts } from '../alerts/useAlerts';
import { Age } from '../now/Age';
import { SeverityBadge } from '../severity/SeverityBadge';
import { signalText } from '../values/signalText';

type Props = { uid: string; fingerprint: string };

const everything: string[] = [];

/** The alert that is to be mended, as it is now. */
export function MendedAlert({ uid, fingerprint }: Props) {
  const styles = useStyles2(getStyles);
  const { answer, clockAhead, problem } = useAlerts(uid, everything);
  const alert = answer?.alerts.find((one) => one.fingerprint === fingerprint);
  if (!alert) {
    const blind = problem !== null || answer?.sources.some((source) => !source.ok);
    return (
      <div className={styles.alert} data-testid="dfr-mended-alert" role="status">
        {!answer && !problem && 'Looking up the alert…'}
        {(answer || problem) && (blind ? 'Whether its alert still fires is not known: not everything could be asked.' : 'Its alert is not among the alerts now.')}{' '}
        <a className={styles.link} href={links.newestIncident(fingerprint)}>
          Its incident
        </a>
      </div>
    );
  }
  const { value, threshold } = signalText(alert.value, alert.annotations);
  const since = alert.startsAt ?? alert.activeAt;
  return (
    <div className={styles.alert} data-testid="dfr-mended-alert">
      <SeverityBadge severity={alert.labels.severity} />
      <a className={styles.link} href={links.alert(fingerprint)}>
        {alert.name}
      </a>
      <AlertStatusBadges alert={alert} />
      {value && <strong>{value}</strong>}
      {threshold && <span className={styles.note}>{threshold}</span>}
      {since && (
        <span className={styles.note}>
          for <Age since={since} clockAhead={clockAhead} />
        </span>
      )}
      {alert.annotations.summary && <div className={styles.summary}>{alert.annotations.summary}</div>}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  alert: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(0.25, 1),
    padding: theme.spacing(1, 1.5),
    background: theme.colors.background.secondary,
    borderRadius: theme.shape.radius.default,
    overflowWrap: 'anywhere',
  }),
  link: css({ color: theme.colors.text.link, textDecoration: 'underline', fontWeight: theme.typography.fontWeightMedium }),
  note: css({ color: theme.colors.text.secondary }),
  summary: css({ flexBasis: '100%' }),
});
