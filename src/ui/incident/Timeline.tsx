import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import type { TimelineEvent } from '@dfr-ops/contracts';
import { Icon, TextLink, useStyles2, useTheme2 } from '@grafana/ui';
import { links } from '../../client/links';
import { durationText } from '../times/duration';
import { When } from '../times/When';
import { timelineLook } from './timelineLook';

type Props = {
  events: TimelineEvent[];
  /** More moments may follow: said at the end, and read out as they come. */
  live: boolean;
};

/** Every moment of an incident in its order, each with its source's own time, and how long after the one before it was. */
export function Timeline({ events, live }: Props) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const tones = {
    bad: theme.colors.error.text,
    failed: theme.colors.error.text,
    waiting: theme.colors.warning.text,
    told: theme.colors.info.text,
    person: theme.colors.primary.text,
    good: theme.colors.success.text,
  };
  return (
    <ol className={styles.list} aria-live={live ? 'polite' : 'off'} aria-label="Timeline">
      {events.map((event, index) => {
        const look = timelineLook[event.kind];
        const before = events[index - 1];
        return (
          <li
            key={`${event.kind} ${event.at} ${index}`}
            className={styles.event}
            data-testid="dfr-timeline-event"
            data-kind={event.kind}
            data-at={event.at}
          >
            <span className={styles.icon} style={{ color: tones[look.tone] }}>
              <Icon name={look.icon} size="lg" />
            </span>
            <div className={styles.body}>
              <div className={styles.head}>
                <strong>{look.title}</strong>
                <When at={event.at} />
                {before && (
                  <span className={styles.quiet} title="after the moment before">
                    +{durationText(Date.parse(event.at) - Date.parse(before.at))}
                  </span>
                )}
                <span className={styles.quiet}>says {event.source}</span>
              </div>
              <div>
                {event.text} {event.runId && <TextLink href={links.run(event.runId)}>See the run</TextLink>}
              </div>
            </div>
          </li>
        );
      })}
      {live && <li className={styles.quiet}>… it goes on: this list follows by itself.</li>}
    </ol>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', margin: 0, padding: 0 }),
  event: css({
    display: 'flex',
    gap: theme.spacing(1.5),
    position: 'relative',
    paddingBottom: theme.spacing(1.5),
    '&:not(:last-child)::before': {
      content: '""',
      position: 'absolute',
      left: 10,
      top: 24,
      bottom: -2,
      width: 2,
      background: theme.colors.border.weak,
    },
  }),
  icon: css({ width: 22, flexShrink: 0, textAlign: 'center' }),
  body: css({ minWidth: 0 }),
  head: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'baseline', gap: theme.spacing(0, 1) }),
  quiet: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
});
