import React, { useEffect } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { PluginPage } from '@grafana/runtime';
import { Alert, Button, ErrorBoundary, useStyles2 } from '@grafana/ui';

type Props = {
  /** Ends `data-testid`: dfr-page-<name>. */
  name: 'overview' | 'alerts' | 'incident' | 'logs' | 'actions' | 'runbook';
  title: string;
  subTitle?: React.ReactNode;
  actions?: React.ReactNode;
  children: React.ReactNode;
};

/** What every page has: Grafana's own page frame, a title, and a boundary that keeps an error of ours on this page. */
export function PageFrame({ name, title, subTitle, actions, children }: Props) {
  const styles = useStyles2(getStyles);
  useEffect(() => {
    document.title = `${title} - DFR Ops`;
  }, [title]);
  return (
    <PluginPage
      pageNav={{ text: title, hideFromBreadcrumbs: true }}
      renderTitle={(text) => <h1 className={styles.title}>{text}</h1>}
      subTitle={subTitle}
      actions={actions}
    >
      <div data-testid={`dfr-page-${name}`} className={styles.page}>
        <ErrorBoundary>{({ error }) => (error ? <Broken error={error} /> : <>{children}</>)}</ErrorBoundary>
      </div>
    </PluginPage>
  );
}

function Broken({ error }: { error: Error }) {
  return (
    <Alert severity="error" title="This page stopped because of an error in it">
      <p>{error.message}. Alerting, notices and running actions are not affected.</p>
      <Button variant="secondary" icon="sync" onClick={() => window.location.reload()}>
        Load the page again
      </Button>
    </Alert>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  // Names of alerts are one long word: on a phone they must be smaller, and break.
  title: css({
    margin: 0,
    overflowWrap: 'anywhere',
    [theme.breakpoints.down('sm')]: { fontSize: theme.typography.h3.fontSize },
  }),
  page: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2), minWidth: 0, overflowWrap: 'anywhere' }),
});
