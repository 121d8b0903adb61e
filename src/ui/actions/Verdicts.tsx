import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2, IconName } from '@grafana/data';
import { Icon, useStyles2, useTheme2 } from '@grafana/ui';
import type { AlertVerdict, EffectVerdict, Run } from '@dfr-ops/contracts';
import { When } from '../times/When';
import { narrow } from '../alerts/narrow';

type Look = { text: string; icon: IconName; tone: 'success' | 'warning' | 'error' | 'info' | 'secondary' };

const effectLooks: Record<EffectVerdict['state'], Look> = {
  pending: { text: 'not known yet', icon: 'hourglass', tone: 'info' },
  confirmed: { text: 'confirmed', icon: 'check-circle', tone: 'success' },
  not_confirmed: { text: 'not there', icon: 'exclamation-circle', tone: 'error' },
  unknown: { text: 'unknown', icon: 'question-circle', tone: 'warning' },
};
const alertLooks: Record<AlertVerdict['state'], Look> = {
  pending: { text: 'waiting for fresh samples', icon: 'hourglass', tone: 'info' },
  normal: { text: 'normal', icon: 'check-circle', tone: 'success' },
  still_firing: { text: 'still firing', icon: 'fire', tone: 'error' },
  no_data: { text: 'no data: not known', icon: 'eye-slash', tone: 'warning' },
  not_meant_to_clear: { text: 'not meant to clear it', icon: 'minus-circle', tone: 'secondary' },
};

const relapsed: Look = { text: 'came back', icon: 'exclamation-triangle', tone: 'error' };

/** Two facts told apart: whether the target did it, and whether the alert is over. */
export function Verdicts({ run }: { run: Run }) {
  const styles = useStyles2(getStyles);
  const { effect, alert } = run;
  return (
    <div className={styles.verdicts}>
      <Verdict name="effect" subject={`Effect, asked of ${run.target.name}`} state={effect.state} look={effectLooks[effect.state]} detail={effect.detail} />
      <Verdict
        name="alert"
        subject={run.alertName ? `Alert ${run.alertName}, asked of Prometheus` : 'Alert'}
        state={alert.state}
        look={alert.relapsedAt ? relapsed : alertLooks[alert.state]}
        detail={alert.detail}
      >
        {!alert.detail && alert.since && (
          <span>
            since <When at={alert.since} />
          </span>
        )}
      </Verdict>
    </div>
  );
}

type VerdictProps = { name: 'effect' | 'alert'; subject: string; state: string; look: Look; detail: string; children?: React.ReactNode };

function Verdict({ name, subject, state, look, detail, children }: VerdictProps) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const color = look.tone === 'secondary' ? theme.colors.text.secondary : theme.colors[look.tone].text;
  return (
    <div className={styles.verdict} style={{ borderLeftColor: color }} data-testid={`dfr-verdict-${name}`} data-state={state}>
      <span className={styles.subject}>{subject}</span>
      <span className={styles.word} style={{ color }}>
        <Icon key={look.icon} name={look.icon} aria-hidden /> {look.text}
      </span>
      {children}
      {detail && <span className={styles.detail}>{detail}</span>}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  verdicts: css({ display: 'grid', gridTemplateColumns: '1fr 1fr', gap: theme.spacing(1), [narrow]: { gridTemplateColumns: '1fr' } }),
  verdict: css({
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(0.25),
    padding: theme.spacing(1, 1.5),
    borderLeft: '4px solid',
    background: theme.colors.background.secondary,
    borderRadius: theme.shape.radius.default,
    overflowWrap: 'anywhere',
  }),
  subject: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  word: css({ fontSize: theme.typography.h5.fontSize, fontWeight: theme.typography.fontWeightMedium }),
  detail: css({ color: theme.colors.text.secondary }),
});
