import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2, IconName } from '@grafana/data';
import { Icon, useTheme2 } from '@grafana/ui';
import type { Risk } from '@dfr-ops/contracts';

const icons: Record<Risk, IconName> = { low: 'check-circle', medium: 'exclamation-triangle', high: 'exclamation-circle' };

/** How much harm an action can do, as colour, icon and word. */
export function RiskBadge({ risk }: { risk: Risk }) {
  const theme = useTheme2();
  return (
    <span className={getStyle(theme, risk)} data-risk={risk}>
      <Icon name={icons[risk]} size="sm" aria-hidden />
      {risk} risk
    </span>
  );
}

const getStyle = (theme: GrafanaTheme2, risk: Risk) =>
  css({
    display: 'inline-flex',
    alignItems: 'center',
    gap: theme.spacing(0.5),
    fontSize: theme.typography.bodySmall.fontSize,
    whiteSpace: 'nowrap',
    color: { low: theme.colors.success.text, medium: theme.colors.warning.text, high: theme.colors.error.text }[risk],
  });
