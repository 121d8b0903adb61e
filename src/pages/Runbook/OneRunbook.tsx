import React, { useMemo } from 'react';
import { css } from '@emotion/css';
import { renderMarkdown, type GrafanaTheme2 } from '@grafana/data';
import { Badge, EmptyState, LinkButton, TextLink, useStyles2 } from '@grafana/ui';
import { links, logsOfAlert } from '../../client/links';
import { serviceClient } from '../../client/ServiceClient';
import { useNow } from '../../ui/now/useNow';
import { usePolled } from '../../ui/polling/usePolled';
import { runbookOf, type RunbookPage } from '../../runbooks/runbookPages';
import { withAppLinks } from '../../runbooks/withAppLinks';
import { PageFrame } from '../App/PageFrame';

/** One runbook, with links to the alerts that it is about while they fire. */
export function OneRunbook({ name }: { name: string }) {
  const runbook = useMemo(() => runbookOf(name), [name]);
  return (
    <PageFrame name="runbook" title={`Runbook: ${name}`}>
      <Firing name={name} />
      {runbook ? (
        <Text runbook={runbook} />
      ) : (
        <EmptyState variant="not-found" message={`There is no runbook for ${name}`}>
          The bundle holds one for each rule of DFR Ops; a rule of your own names its runbook in the annotation
          runbook_url. <TextLink href={links.runbooks()}>All runbooks</TextLink>
        </EmptyState>
      )}
      <div>
        <TextLink href={links.runbooks()} icon="book-open">
          All runbooks
        </TextLink>
      </div>
    </PageFrame>
  );
}

function Text({ runbook }: { runbook: RunbookPage }) {
  const styles = useStyles2(getStyles);
  const html = useMemo(() => renderMarkdown(withAppLinks(withoutTitle(runbook.markdown), runbook.name)), [runbook]);
  // Sanitised by renderMarkdown, and our own text besides.
  return <article data-testid="dfr-runbook" className={styles.text} dangerouslySetInnerHTML={{ __html: html }} />;
}

/** The page's own heading says it already. */
function withoutTitle(markdown: string): string {
  return markdown.replace(/^\s*# .*\n/, '');
}

/** The alerts of this name now, each with its logs and actions. What cannot be asked is not in the way of reading. */
function Firing({ name }: { name: string }) {
  const styles = useStyles2(getStyles);
  const now = useNow();
  const answer = usePolled(() => serviceClient().alerts([`alertname="${name.replace(/["\\]/g, '\\$&')}"`]), name, 5000);
  if (answer.error) {
    return <p className={styles.quiet}>Whether this alert fires now is not known: {answer.error.message}</p>;
  }
  if (!answer.data) {
    return null;
  }
  return answer.data.alerts.length === 0 ? (
    <p className={styles.quiet}>This alert is not firing now.</p>
  ) : (
    <ul className={styles.alerts} aria-label="Alerts of this runbook">
      {answer.data.alerts.map((alert) => (
        <li key={alert.fingerprint} className={styles.alert} data-testid="dfr-runbook-alert">
          <Badge
            key={alert.state}
            text={alert.state}
            color={alert.state === 'firing' ? 'red' : 'orange'}
            icon={alert.state === 'firing' ? 'fire' : 'hourglass'}
          />
          <span>{alert.annotations.summary ?? alert.name}</span>
          <LinkButton size="sm" variant="secondary" icon="gf-logs" href={logsOfAlert(alert, now)}>
            Logs
          </LinkButton>
          <LinkButton
            size="sm"
            variant="secondary"
            icon="wrench"
            href={links.actions({ fingerprint: alert.fingerprint })}
          >
            Actions
          </LinkButton>
          <LinkButton
            size="sm"
            variant="secondary"
            icon="history"
            href={alert.incidentId ? links.incident(alert.incidentId) : links.newestIncident(alert.fingerprint)}
          >
            Incident
          </LinkButton>
        </li>
      ))}
    </ul>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  text: css({
    maxWidth: 800,
    lineHeight: 1.6,
    '& h2': { fontSize: theme.typography.h4.fontSize, margin: theme.spacing(3, 0, 1) },
    '& h3': { fontSize: theme.typography.h5.fontSize, margin: theme.spacing(2, 0, 1) },
    '& ul, & ol': { paddingLeft: theme.spacing(3), marginBottom: theme.spacing(2) },
    '& p': { marginBottom: theme.spacing(1.5) },
    '& :not(pre) > code': { whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' },
    '& pre': { overflowX: 'auto', whiteSpace: 'pre', maxWidth: '100%' },
    '& table': { display: 'block', overflowX: 'auto', marginBottom: theme.spacing(2) },
    '& th, & td': {
      border: `1px solid ${theme.colors.border.weak}`,
      padding: theme.spacing(0.5, 1),
      textAlign: 'left',
    },
    '& a': { color: theme.colors.text.link, textDecoration: 'underline' },
  }),
  quiet: css({ color: theme.colors.text.secondary }),
  alerts: css({ listStyle: 'none', margin: 0, padding: 0 }),
  alert: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(1),
    padding: theme.spacing(1),
    borderLeft: `3px solid ${theme.colors.error.border}`,
    background: theme.colors.background.secondary,
  }),
});
