import React, { memo, useState } from 'react';
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, useStyles2, useTheme2 } from '@grafana/ui';
import type { Alert } from '@dfr-ops/contracts';
import { Age } from '../now/Age';
import { severityLook } from '../severity/severity';
import { SeverityBadge } from '../severity/SeverityBadge';
import { signalText } from '../values/signalText';
import { AcknowledgeForm, Acknowledged } from './Acknowledgement';
import { AlertLinks } from './AlertLinks';
import { AlertStatusBadges } from './AlertStatusBadges';
import { narrow } from './narrow';

type Props = {
  uid: string;
  alert: Alert;
  clockAhead: number;
  compact: boolean;
  selected: boolean;
  details?: React.ReactNode;
  /** Something was changed: ask again. */
  onChanged: () => void;
};

/** One alert with all that a person needs to decide: what, how bad, since when, how far over, who is on it, where to go. */
export const AlertRow = memo(function AlertRow({ uid, alert, clockAhead, compact, selected, details, onChanged }: Props) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const [acknowledging, setAcknowledging] = useState(false);
  const stripe = severityLook(alert.labels.severity).color(theme).main;
  const titleId = `dfr-alert-${alert.fingerprint}`;
  return (
    <li
      className={cx(styles.row, selected && styles.selected)}
      style={{ borderLeftColor: stripe }}
      data-testid="dfr-alert-row"
      data-alertname={alert.name}
      data-fingerprint={alert.fingerprint}
      data-state={alert.state}
      aria-labelledby={titleId}
      aria-current={selected || undefined}
    >
      <div className={styles.head}>
        <SeverityBadge severity={alert.labels.severity} />
        <span id={titleId} className={styles.name}>
          {alert.name}
        </span>
        <AlertStatusBadges alert={alert} />
        <Since alert={alert} clockAhead={clockAhead} />
      </div>
      {!compact && alert.annotations.summary && <p className={styles.summary}>{alert.annotations.summary}</p>}
      <div className={styles.foot}>
        <Facts alert={alert} />
        <div className={styles.doing}>
          <AlertLinks alert={alert} clockAhead={clockAhead} />
          {!alert.acknowledged && (
            <Button
              size="sm"
              variant="secondary"
              icon="user"
              className={styles.acknowledge}
              disabled={!alert.incidentId}
              tooltip={alert.incidentId ? undefined : 'The service has no incident for it yet'}
              aria-expanded={acknowledging}
              onClick={() => setAcknowledging(!acknowledging)}
              data-testid="dfr-ack"
            >
              Acknowledge
            </Button>
          )}
        </div>
      </div>
      {alert.acknowledged && <Acknowledged uid={uid} alert={alert} onDone={onChanged} />}
      {acknowledging && !alert.acknowledged && (
        <AcknowledgeForm uid={uid} alert={alert} onClose={() => setAcknowledging(false)} onDone={() => { setAcknowledging(false); onChanged(); }} />
      )}
      {details && <div className={styles.details}>{details}</div>}
    </li>
  );
});

function Since({ alert, clockAhead }: Pick<Props, 'alert' | 'clockAhead'>) {
  const styles = useStyles2(getStyles);
  const since = alert.state === 'firing' ? (alert.startsAt ?? alert.activeAt) : alert.activeAt;
  return since ? (
    <span className={styles.since}>
      for <Age since={since} clockAhead={clockAhead} />
    </span>
  ) : null;
}

/** Value against threshold, then what tells this alert from others of its name. */
function Facts({ alert }: Pick<Props, 'alert'>) {
  const styles = useStyles2(getStyles);
  const { value, threshold } = signalText(alert.value, alert.annotations);
  const { service, country, env, instance } = alert.labels;
  const where = [service, [country, env].filter(Boolean).join('/'), instance].filter(Boolean).join(' · ');
  return (
    <span className={styles.facts}>
      {value && (
        <span className={styles.value} data-testid="dfr-alert-value">
          {alert.sight === 'lost' ? `last seen ${value}` : value}
        </span>
      )}
      {threshold && <span>{threshold}</span>}
      <span>{where}</span>
    </span>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  row: css({
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(0.5),
    padding: theme.spacing(1, 1.5),
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderLeftWidth: 4,
    borderRadius: theme.shape.radius.default,
    overflowWrap: 'anywhere',
    // Rows out of sight cost nothing, also when there are a thousand.
    contentVisibility: 'auto',
    containIntrinsicSize: 'auto 92px',
  }),
  selected: css({ background: theme.colors.background.secondary, outline: `1px solid ${theme.colors.primary.border}` }),
  head: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(0.5, 1) }),
  name: css({ fontWeight: theme.typography.fontWeightMedium, fontSize: theme.typography.body.fontSize }),
  since: css({ color: theme.colors.text.secondary, marginLeft: 'auto', fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap', [narrow]: { marginLeft: 0 } }),
  summary: css({ margin: 0 }),
  foot: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', justifyContent: 'space-between', gap: theme.spacing(0.5, 2) }),
  facts: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'baseline', gap: theme.spacing(0, 1), color: theme.colors.text.secondary }),
  value: css({ color: theme.colors.text.maxContrast, fontWeight: theme.typography.fontWeightBold, fontSize: theme.typography.h5.fontSize, fontVariantNumeric: 'tabular-nums' }),
  doing: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(0.5), [narrow]: { display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(104px, 1fr))', width: '100%', gap: theme.spacing(1) } }),
  // Wider than its fellows: one column of a phone is too narrow for its word.
  acknowledge: css({ [narrow]: { gridColumn: 'span 2', minHeight: 44, justifyContent: 'center', padding: theme.spacing(0, 0.5) } }),
  details: css({ paddingTop: theme.spacing(1), minWidth: 0 }),
});
