import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import type { IncidentDetail } from '@dfr-ops/contracts';
import { Badge, ClipboardButton, LinkButton, useStyles2 } from '@grafana/ui';
import { dashboardOfIncident, links, logsOfIncident } from '../../client/links';
import { IncidentStateBadge } from '../../ui/incident/IncidentStateBadge';
import { SeverityBadge } from '../../ui/severity/SeverityBadge';
import { durationText } from '../../ui/times/duration';
import { When } from '../../ui/times/When';
import { signalText } from '../../ui/values/signalText';
import { IncidentAcknowledgement } from './IncidentAcknowledgement';
import { incidentMarkdown } from './incidentMarkdown';

/** What it is, how bad, since when, who works on it, and where to look next. */
export function IncidentHeader({
  incident,
  now,
  reload,
}: {
  incident: IncidentDetail;
  now: number;
  reload: () => void;
}) {
  const styles = useStyles2(getStyles);
  const end = incident.normalAt ?? incident.resolvedAt;
  const address = `${window.location.origin}${links.incident(incident.id)}`;
  const { value, threshold } = signalText(incident.lastValue, incident.annotations);
  const { value: firstValue } = signalText(incident.firstValue, incident.annotations);
  return (
    <header className={styles.header}>
      <div className={styles.row}>
        <IncidentStateBadge state={incident.state} />
        <SeverityBadge severity={incident.severity} />
        <Badge text={incident.service} color="darkgrey" />
        {incident.silencedBy.length > 0 && <Badge text="silenced in Alertmanager" color="purple" icon="bell-slash" />}
      </div>
      {incident.state === 'sight_lost' && (
        <p role="alert">
          Its samples have vanished: whether it still lasts is not known, so nobody was told that it is resolved.
        </p>
      )}
      {incident.annotations.description && <p>{incident.annotations.description}</p>}
      <dl className={styles.facts}>
        <Fact name="Value">
          <strong>{value ?? 'not known'}</strong>
          {[firstValue && ` (${firstValue} when it began to fire)`, threshold && ` · ${threshold}`]
            .filter(Boolean)
            .join('')}
        </Fact>
        <Fact name="Since">
          <When at={incident.openedAt} /> ·{' '}
          {durationText((end ? Date.parse(end) : now) - Date.parse(incident.openedAt))}
        </Fact>
        {end && (
          <Fact name="Normal since">
            <When at={end} />
          </Fact>
        )}
        {incident.state !== 'resolved' && !incident.acknowledged && incident.acknowledgeBy && (
          <Fact name="Acknowledge by">
            <Target at={incident.acknowledgeBy} now={now} />
          </Fact>
        )}
        {incident.state !== 'resolved' && incident.resolveBy && (
          <Fact name="Resolve by">
            <Target at={incident.resolveBy} now={now} />
          </Fact>
        )}
        <Fact name="Where">{where(incident)}</Fact>
      </dl>
      <IncidentAcknowledgement incident={incident} reload={reload} />
      <nav className={styles.row} aria-label="Where to look next">
        <LinkButton
          size="sm"
          variant="secondary"
          icon="gf-logs"
          href={logsOfIncident(incident, now)}
          data-testid="dfr-link-logs"
        >
          Logs
        </LinkButton>
        <LinkButton
          size="sm"
          variant="secondary"
          icon="book-open"
          href={links.runbook(incident.alertName)}
          data-testid="dfr-link-runbook"
        >
          Runbook
        </LinkButton>
        <LinkButton
          size="sm"
          variant="secondary"
          icon="wrench"
          href={links.actions({ fingerprint: incident.fingerprint })}
          data-testid="dfr-link-actions"
        >
          Actions
        </LinkButton>
        {incident.annotations.dashboard_uid && (
          <LinkButton
            size="sm"
            variant="secondary"
            icon="apps"
            href={dashboardOfIncident(incident, now) ?? undefined}
          >
            Dashboard
          </LinkButton>
        )}
        {incident.previousId && (
          <LinkButton
            size="sm"
            variant="secondary"
            fill="outline"
            icon="arrow-left"
            href={links.incident(incident.previousId)}
          >
            Former instance
          </LinkButton>
        )}
        {incident.nextId && (
          <LinkButton
            size="sm"
            variant="secondary"
            fill="outline"
            icon="arrow-right"
            href={links.incident(incident.nextId)}
          >
            Next instance
          </LinkButton>
        )}
        <ClipboardButton
          size="sm"
          variant="secondary"
          fill="outline"
          icon="share-alt"
          getText={() => address}
        >
          Copy link
        </ClipboardButton>
        <ClipboardButton
          size="sm"
          variant="secondary"
          fill="outline"
          icon="copy"
          getText={() => incidentMarkdown(incident, address)}
        >
          Copy as Markdown
        </ClipboardButton>
      </nav>
    </header>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  const styles = useStyles2(getStyles);
  return (
    <div>
      <dt className={styles.name}>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Target({ at, now }: { at: string; now: number }) {
  const left = Date.parse(at) - now;
  return (
    <>
      <When at={at} /> · {left >= 0 ? `${durationText(left)} left` : <strong>{durationText(-left)} late</strong>}
    </>
  );
}

function where(incident: IncidentDetail): string {
  const { country, env, instance, component } = incident.labels;
  return [country, env, component, instance].filter(Boolean).join(' · ') || 'not said';
}

const getStyles = (theme: GrafanaTheme2) => ({
  header: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1.5) }),
  row: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1), alignItems: 'center' }),
  facts: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1, 4), margin: 0, '& dd': { margin: 0 } }),
  name: css({
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    fontWeight: 'normal',
  }),
});
