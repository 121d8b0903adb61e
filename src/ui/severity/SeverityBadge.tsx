import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, useTheme2 } from '@grafana/ui';
import { severityLook } from './severity';

type Props = { severity: string | undefined };

/** A severity as colour, icon and word. */
export function SeverityBadge({ severity }: Props) {
  const theme = useTheme2();
  const look = severityLook(severity);
  return (
    <span className={getStyle(theme, look.color(theme).text)} data-severity={severity}>
      <Icon name={look.icon} size="sm" aria-hidden />
      {severity ?? 'no severity'}
    </span>
  );
}

const getStyle = (theme: GrafanaTheme2, color: string) =>
  css({
    display: 'inline-flex',
    alignItems: 'center',
    gap: theme.spacing(0.5),
    padding: theme.spacing(0, 0.75),
    border: `1px solid ${color}`,
    borderRadius: theme.shape.radius.pill,
    color,
    fontSize: theme.typography.bodySmall.fontSize,
    fontWeight: theme.typography.fontWeightMedium,
    whiteSpace: 'nowrap',
  });
