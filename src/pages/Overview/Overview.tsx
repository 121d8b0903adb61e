import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { finalRunStates } from '@dfr-ops/contracts';
import { LinkButton, TextLink, useStyles2 } from '@grafana/ui';
import { links } from '../../client/links';
import { defaultUid, serviceClient } from '../../client/ServiceClient';
import { AlertBoardOf } from '../../ui/alerts/AlertBoard';
import { useAlerts } from '../../ui/alerts/useAlerts';
import { IncidentRows } from '../../ui/incident/IncidentRows';
import { useNow } from '../../ui/now/useNow';
import { usePolled } from '../../ui/polling/usePolled';
import { RunRows } from '../../ui/runs/RunRows';
import { When } from '../../ui/times/When';
import { PageFrame } from '../App/PageFrame';
import { askServices } from './askServices';
import { HealthNotices } from './HealthNotices';
import { ServiceCard } from './ServiceCard';
import { watchedServices } from './watchedServices';

const noFilters: string[] = [];

/** How DFR is, at a glance: the four services, what fires, what is being done, what was. */
export default function Overview() {
  const styles = useStyles2(getStyles);
  const now = useNow();
  const health = usePolled(() => serviceClient().health(), 'health', 5000);
  const alerts = useAlerts(defaultUid, noFilters);
  const { answer, problem } = alerts;
  const services = usePolled(askServices, 'services', 5000);
  const blind = problem !== null || answer?.sources.some((source) => !source.ok);
  // None of a service's is no news while somebody who would know cannot be asked.
  const alertsOf = (service: string) => {
    const found = answer && !problem ? answer.alerts.filter((alert) => alert.labels.service === service) : [];
    return !answer || (blind && found.length === 0) ? undefined : found;
  };
  return (
    <PageFrame
      name="overview"
      title="Overview"
      actions={
        <LinkButton variant="secondary" icon="apps" href={links.dashboard('dfr-overview')}>
          Dashboard
        </LinkButton>
      }
    >
      <HealthNotices health={health} />
      <div className={styles.first}>
        <div className={styles.cards}>
          {watchedServices.map((watched) => (
            <ServiceCard
              key={watched.service}
              watched={watched}
              known={services.data?.[watched.service]}
              error={services.error}
              alerts={alertsOf(watched.service)}
              now={now}
            />
          ))}
        </div>
        <section aria-labelledby="dfr-firing" className={styles.alerts}>
          <h2 id="dfr-firing" className={styles.title}>
            Alerts now
          </h2>
          <AlertBoardOf filters={noFilters} now={alerts} />
        </section>
      </div>
      <div className={styles.columns}>
        <RunningActions />
        <LastIncidents />
      </div>
      {health.data && (
        <p className={styles.quiet}>
          Action service {health.data.version} ·{' '}
          {health.data.watchdogAt ? (
            <>
              Alertmanager&apos;s heartbeat last heard <When at={health.data.watchdogAt} />
            </>
          ) : (
            "Alertmanager's heartbeat was not heard yet"
          )}
        </p>
      )}
    </PageFrame>
  );
}

function RunningActions() {
  const styles = useStyles2(getStyles);
  const { data, error } = usePolled(() => serviceClient().runs({ limit: 20 }), 'runs', 3000);
  const running = data?.runs.filter((run) => !finalRunStates.includes(run.state));
  return (
    <section aria-labelledby="dfr-running">
      <h2 id="dfr-running" className={styles.title}>
        Running actions
      </h2>
      {error ? (
        <p className={styles.quiet}>Not known: {error.message}</p>
      ) : !running ? (
        <p className={styles.quiet}>…</p>
      ) : null}
      {!error && running?.length === 0 && <p className={styles.quiet}>None.</p>}
      {!error && running && running.length > 0 && <RunRows runs={running} label="Running actions" />}
      <TextLink href={links.actions()}>Actions and their history</TextLink>
    </section>
  );
}

function LastIncidents() {
  const styles = useStyles2(getStyles);
  const { data, error } = usePolled(() => serviceClient().incidents({ state: 'all', limit: 6 }), 'incidents', 5000);
  return (
    <section aria-labelledby="dfr-incidents">
      <h2 id="dfr-incidents" className={styles.title}>
        Last incidents
      </h2>
      {error ? (
        <p className={styles.quiet}>Not known: {error.message}</p>
      ) : !data ? (
        <p className={styles.quiet}>…</p>
      ) : null}
      {!error && data?.incidents.length === 0 && <p className={styles.quiet}>None is recorded.</p>}
      {data && data.incidents.length > 0 && (
        <IncidentRows incidents={data.incidents} now={Date.parse(data.at)} label="Last incidents" />
      )}
      <TextLink href={links.incidents()}>All incidents</TextLink>
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  first: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2), minWidth: 0 }),
  // On a phone the cards fill the first screen: what fires comes before them.
  alerts: css({ minWidth: 0, [theme.breakpoints.down('sm')]: { order: -1 } }),
  cards: css({
    display: 'grid',
    gap: theme.spacing(2),
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(160px, 100%), 1fr))',
  }),
  columns: css({
    display: 'grid',
    gap: theme.spacing(3),
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(360px, 100%), 1fr))',
    alignItems: 'start',
  }),
  title: css({ fontSize: theme.typography.h5.fontSize, marginBottom: theme.spacing(1) }),
  quiet: css({ color: theme.colors.text.secondary }),
});
