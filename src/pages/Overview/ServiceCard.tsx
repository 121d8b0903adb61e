import React from 'react';
import { css } from '@emotion/css';
import { formattedValueToString, getValueFormat, type GrafanaTheme2 } from '@grafana/data';
import type { Alert } from '@dfr-ops/contracts';
import { Badge, Icon, TextLink, useStyles2, useTheme2, type BadgeColor, type IconName } from '@grafana/ui';
import { links } from '../../client/links';
import { SparkLine } from '../../ui/graphs/SparkLine';
import type { ServiceNow } from './askServices';
import type { WatchedService } from './watchedServices';

type Props = {
  watched: WatchedService;
  /** What Prometheus said of it; undefined until it has. */
  known: ServiceNow | undefined;
  /** Why Prometheus could not be asked. */
  error: Error | undefined;
  /** Alerts of this service; undefined: not known. */
  alerts: Alert[] | undefined;
  /** For the link to the logs: ms since 1970. */
  now: number;
};

/** One service: up or down, how many alerts, its key number with the last half hour. What is not known is said, not guessed. */
export function ServiceCard({ watched, known, error, alerts, now }: Props) {
  const styles = useStyles2(getStyles);
  const state: State = error ? 'unasked' : (known?.state ?? 'asking');
  const look = looks[state];
  return (
    <section
      className={styles.card}
      data-testid="dfr-service-card"
      data-service={watched.service}
      data-state={state}
      aria-label={watched.title}
    >
      <div className={styles.head}>
        <h2 className={styles.title}>
          <Icon name={watched.icon} /> {watched.title}
        </h2>
        {/* Anew for each state: Grafana's icon may keep the former one's shape. */}
        <Badge key={state} text={look.text} color={look.color} icon={look.icon} />
      </div>
      {known && known.downAt.length > 0 && <div className={styles.bad}>down: {known.downAt.join(', ')}</div>}
      {error ? <p className={styles.quiet}>{error.message}</p> : <KeyNumber watched={watched} now={known} />}
      <div className={styles.foot}>
        <TextLink href={`${links.alerts()}?service=${watched.service}`} color="primary">
          {alertsText(alerts)}
        </TextLink>
        <TextLink href={links.logs({ service: watched.service, from: now - 30 * 60_000, to: now })}>Logs</TextLink>
      </div>
    </section>
  );
}

function KeyNumber({ watched: { key }, now }: { watched: WatchedService; now: ServiceNow | undefined }) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const written = (value: number) => formattedValueToString(getValueFormat(key.unit)(value)).trim();
  const breached = now && now.value !== null && now.threshold !== null && now.value > now.threshold;
  return (
    <div className={styles.key}>
      <div className={styles.number}>
        <strong className={breached ? styles.badValue : styles.value}>
          {now ? (now.value === null ? '–' : written(now.value)) : '…'}
        </strong>{' '}
        <span className={styles.quiet}>
          {key.title}
          {now?.value === null && `: ${key.empty}`}
          {now && now.threshold !== null && ` · alerts over ${written(now.threshold)}`}
        </span>
      </div>
      <div className={styles.curve} />
      {now?.history ? (
        <SparkLine
          series={now.history}
          from={now.from}
          to={now.to}
          threshold={now.threshold}
          color={breached ? theme.colors.error.main : theme.colors.success.main}
        />
      ) : (
        <div className={styles.noCurve} />
      )}
      <div className={styles.quiet}>last 30 min</div>
    </div>
  );
}

type State = ServiceNow['state'] | 'asking' | 'unasked';

const looks: Record<State, { text: string; color: BadgeColor; icon: IconName }> = {
  up: { text: 'Up', color: 'green', icon: 'check' },
  down: { text: 'Down', color: 'red', icon: 'times' },
  unknown: { text: 'Sight lost', color: 'purple', icon: 'eye-slash' },
  unasked: { text: 'Not known', color: 'purple', icon: 'eye-slash' },
  asking: { text: 'Asking', color: 'darkgrey', icon: 'hourglass' },
};

function alertsText(alerts: Alert[] | undefined): string {
  if (!alerts) {
    return 'alerts not known';
  }
  const firing = alerts.filter((alert) => alert.state === 'firing').length;
  const pending = alerts.length - firing;
  return [`${firing} firing`, pending > 0 && `${pending} pending`].filter(Boolean).join(', ');
}

const getStyles = (theme: GrafanaTheme2) => ({
  card: css({
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(1),
    padding: theme.spacing(1.5, 2),
    [theme.breakpoints.down('sm')]: { padding: theme.spacing(1) },
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    minWidth: 0,
  }),
  head: css({
    display: 'flex',
    flexWrap: 'wrap',
    justifyContent: 'space-between',
    alignItems: 'center',
    gap: theme.spacing(0.5, 1),
  }),
  title: css({ fontSize: theme.typography.h5.fontSize, margin: 0 }),
  number: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'baseline', gap: theme.spacing(0, 1) }),
  value: css({ fontSize: theme.typography.h3.fontSize, fontVariantNumeric: 'tabular-nums' }),
  badValue: css({
    fontSize: theme.typography.h3.fontSize,
    fontVariantNumeric: 'tabular-nums',
    color: theme.colors.error.text,
  }),
  bad: css({ color: theme.colors.error.text }),
  quiet: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  key: css({ flex: 1, display: 'flex', flexDirection: 'column' }),
  // Takes what the text leaves, so that the curves of a row stand side by side.
  curve: css({ flex: 1 }),
  noCurve: css({ height: 44 }),
  foot: css({
    display: 'flex',
    flexWrap: 'wrap',
    justifyContent: 'space-between',
    gap: theme.spacing(0, 1),
    marginTop: 'auto',
  }),
});
