import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, useTheme2 } from '@grafana/ui';
import type { Alert } from '@dfr-ops/contracts';
import { alertStatuses, type AlertStatus } from './alertStatus';

/** Every state that an alert is in, as icon and word. */
export function AlertStatusBadges({ alert }: { alert: Alert }) {
  const theme = useTheme2();
  return (
    <>
      {alertStatuses(alert).map((status) => (
        <span key={status.kind} className={getStyle(theme, status.kind)} title={status.title} data-status={status.kind}>
          <Icon name={status.icon} size="sm" aria-hidden />
          {status.text}
        </span>
      ))}
    </>
  );
}

const colorOf = (theme: GrafanaTheme2, kind: AlertStatus['kind']) =>
  ({
    firing: theme.colors.error.text,
    pending: theme.colors.warning.text,
    sight_lost: theme.colors.warning.text,
    acknowledged: theme.colors.info.text,
    silenced: theme.colors.text.secondary,
    inhibited: theme.colors.text.secondary,
  })[kind];

const getStyle = (theme: GrafanaTheme2, kind: AlertStatus['kind']) =>
  css({
    display: 'inline-flex',
    alignItems: 'center',
    gap: theme.spacing(0.5),
    color: colorOf(theme, kind),
    fontSize: theme.typography.bodySmall.fontSize,
    whiteSpace: 'nowrap',
  });
