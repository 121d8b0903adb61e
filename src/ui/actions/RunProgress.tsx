import React from 'react';
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2, IconName } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import type { Run, RunState } from '@dfr-ops/contracts';
import { isFinal, runStateLook } from './runStateLook';

type Place = 'done' | 'now' | 'ahead';
type Step = { text: string; place: Place; icon: IconName };
const placeIcons: Record<Place, IconName> = { done: 'check-circle', now: 'arrow-right', ahead: 'circle' };

/** The way of a run, with where it is. A run that ended shows how far it came. */
export function RunProgress({ run }: { run: Run }) {
  const styles = useStyles2(getStyles);
  return (
    <ol className={styles.steps} aria-label="Progress">
      {stepsOf(run).map(({ text, place, icon }) => (
        <li key={text} className={cx(styles.step, styles[place])} aria-current={place === 'now' ? 'step' : undefined}>
          {/* Keyed, as wherever it changes: Grafana's Icon may keep its former shape when its name changes while it loads. */}
          <Icon key={icon} name={icon} size="sm" aria-hidden />
          {text}
        </li>
      ))}
    </ol>
  );
}

function stepsOf(run: Run): Step[] {
  const way: Array<{ state: RunState; text: string; reached: boolean }> = [
    { state: 'queued', text: 'Queued', reached: true },
    { state: 'running', text: 'Running', reached: run.startedAt !== null },
    { state: 'verifying', text: 'Verifying', reached: run.actedAt !== null },
  ];
  if (run.state === 'awaiting_approval') {
    way.unshift({ state: 'awaiting_approval', text: 'Second person', reached: true });
  }
  const ended = isFinal(run);
  const steps = way.map(({ state, text, reached }) => {
    const place = placeOf(state === run.state, reached);
    return { text, place, icon: placeIcons[place] };
  });
  const { text, icon } = runStateLook(run.state);
  return [...steps, ended ? { text: capital(text), place: 'now', icon } : { text: 'Verdict', place: 'ahead', icon: placeIcons.ahead }];
}

function placeOf(isNow: boolean, reached: boolean): Place {
  return isNow ? 'now' : reached ? 'done' : 'ahead';
}

function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}

const getStyles = (theme: GrafanaTheme2) => ({
  steps: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(0.5, 2), listStyle: 'none', margin: 0, padding: 0 }),
  step: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(0.5) }),
  done: css({ color: theme.colors.text.secondary }),
  now: css({ color: theme.colors.text.maxContrast, fontWeight: theme.typography.fontWeightMedium }),
  ahead: css({ color: theme.colors.text.secondary, '& > svg': { opacity: 0.5 } }),
});
