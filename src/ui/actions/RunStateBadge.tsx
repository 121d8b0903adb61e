import React from 'react';
import { css } from '@emotion/css';
import { Icon, useTheme2 } from '@grafana/ui';
import type { RunState } from '@dfr-ops/contracts';
import { runStateLook, toneColor } from './runStateLook';

/** The state of a run as colour, icon and word. */
export function RunStateBadge({ state }: { state: RunState }) {
  const theme = useTheme2();
  const look = runStateLook(state);
  return (
    <span className={css({ display: 'inline-flex', alignItems: 'center', gap: theme.spacing(0.5), color: toneColor(theme, look.tone), whiteSpace: 'nowrap' })}>
      <Icon key={look.icon} name={look.icon} size="sm" aria-hidden />
      {look.text}
    </span>
  );
}
