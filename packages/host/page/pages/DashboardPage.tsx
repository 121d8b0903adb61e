import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { getBackendSrv } from '@grafana/runtime';
import { UrlSyncContextProvider } from '@grafana/scenes';
import { Alert, LinkButton, LoadingPlaceholder, Text, useStyles2 } from '@grafana/ui';
import { useMemo } from 'react';
import { useParams } from 'react-router';
import type { DashboardJson } from '../dashboards/dashboardModel';
import { dashboardScene } from '../dashboards/dashboardScene';
import { Failure } from '../shell/Failure';
import { usePromise } from './usePromise';

/** `/d/:uid`: a dashboard of the bundle; time range, refresh and variables stand in the address. */
export function DashboardPage() {
  const { uid = '' } = useParams();
  const loaded = usePromise(uid, loadDashboard);
  if (loaded.state === 'loading') {
    return <LoadingPlaceholder text="Loading dashboard…" />;
  }
  if (loaded.state === 'failed') {
    return (
      <Alert severity="error" title={`The dashboard ${uid} cannot be shown`}>
        {loaded.error.message}
      </Alert>
    );
  }
  return (
    <Failure what={`The dashboard ${uid}`} resetKey={uid}>
      <Dashboard key={uid} json={loaded.value} />
    </Failure>
  );
}

async function loadDashboard(uid: string): Promise<DashboardJson> {
  try {
    const answer = await getBackendSrv().get<{ dashboard: DashboardJson }>(
      `/api/dashboards/uid/${encodeURIComponent(uid)}`,
      undefined,
      undefined,
      { showErrorAlert: false }
    );
    return answer.dashboard;
  } catch (error) {
    throw new Error((error as { data?: { message?: string } }).data?.message ?? 'The host does not answer.', {
      cause: error,
    });
  }
}

function Dashboard({ json }: { json: DashboardJson }) {
  const styles = useStyles2(getStyles);
  const scene = useMemo(() => dashboardScene(json), [json]);
  document.title = `${json.title} - DFR Ops`;
  const links = (json.links ?? []).filter(({ type, url }) => type === 'link' && url);
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <Text element="h1" variant="h3">
          {json.title}
        </Text>
        {links.map(({ title, url, targetBlank, tooltip }) => (
          <LinkButton
            key={title}
            href={url}
            target={targetBlank ? '_blank' : undefined}
            variant="secondary"
            fill="outline"
            size="sm"
            icon="link"
            tooltip={tooltip}
          >
            {title}
          </LinkButton>
        ))}
      </div>
      <UrlSyncContextProvider scene={scene} updateUrlOnInit createBrowserHistorySteps>
        <scene.Component model={scene} />
      </UrlSyncContextProvider>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({
    display: 'flex',
    flexDirection: 'column',
    flexGrow: 1,
    padding: theme.spacing(2),
    gap: theme.spacing(1),
    [theme.breakpoints.down('md')]: { padding: theme.spacing(1) },
  }),
  head: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(2), '& h1': { margin: 0 } }),
});
