import { css } from '@emotion/css';
import { type GrafanaTheme2, dateTime, toUtc } from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';
import {
  EmbeddedScene,
  PanelBuilders,
  SceneControlsSpacer,
  SceneFlexItem,
  SceneFlexLayout,
  SceneQueryRunner,
  SceneRefreshPicker,
  SceneTimePicker,
  SceneTimeRange,
} from '@grafana/scenes';
import { Alert, Text, useStyles2 } from '@grafana/ui';
import { useMemo } from 'react';
import { useLocation } from 'react-router';
import { type ExploreQuery, readExploreQuery } from './exploreQuery';

/** `/explore`: runs the query that the address names and shows its result. It is read only. */
export function ExplorePage() {
  const styles = useStyles2(getStyles);
  const { search } = useLocation();
  const query = useMemo(() => readExploreQuery(search), [search]);
  const scene = useMemo(() => (query ? exploreScene(query) : null), [query]);
  document.title = 'Explore - DFR Ops';
  return (
    <div className={styles.page}>
      <Text element="h1" variant="h3">
        Explore
      </Text>
      {query && scene ? (
        <>
          <pre className={styles.query}>{query.expr}</pre>
          <scene.Component model={scene} />
        </>
      ) : (
        <Alert severity="info" title="No query in this address">
          Open Explore from a graph or from the logs: the stand-in host shows queries, it does not edit them.
        </Alert>
      )}
    </div>
  );
}

function exploreScene({ datasource, expr, from, to }: ExploreQuery): EmbeddedScene {
  const type = getDataSourceSrv().getInstanceSettings(datasource)?.type;
  const isLogs = type === 'loki' && /^\s*\{/.test(expr);
  const panel = isLogs ? PanelBuilders.logs().setTitle('Logs') : PanelBuilders.timeseries().setTitle('Graph');
  return new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from: asTime(from), to: asTime(to) }),
    $data: new SceneQueryRunner({
      datasource: { uid: datasource, type },
      queries: [{ refId: 'A', expr, range: true }],
      maxDataPoints: 500,
    }),
    controls: [
      new SceneControlsSpacer(),
      new SceneTimePicker({ isOnCanvas: true }),
      new SceneRefreshPicker({ isOnCanvas: true }),
    ],
    body: new SceneFlexLayout({
      direction: 'column',
      children: [new SceneFlexItem({ minHeight: isLogs ? 600 : 400, body: panel.build() })],
    }),
  });
}

/** Explore's addresses hold milliseconds, a scene wants ISO. */
const asTime = (value: string): string => (/^\d+$/.test(value) ? toUtc(dateTime(Number(value))).toISOString() : value);

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({
    display: 'flex',
    flexDirection: 'column',
    flexGrow: 1,
    padding: theme.spacing(2),
    gap: theme.spacing(1),
    '& h1': { margin: 0 },
  }),
  query: css({ margin: 0, whiteSpace: 'pre-wrap' }),
});
