import React from 'react';
import { css } from '@emotion/css';
import { useSearchParams } from 'react-router-dom';
import type { GrafanaTheme2 } from '@grafana/data';
import type { IncidentDetail } from '@dfr-ops/contracts';
import { LoadingPlaceholder, TextLink, useStyles2 } from '@grafana/ui';
import { links } from '../../client/links';
import { problemOf } from '../../client/ProblemError';
import { serviceClient } from '../../client/ServiceClient';
import { ActionDesk } from '../../ui/actions/ActionDesk';
import { AlertGraph } from '../../ui/graphs/AlertGraph';
import { Timeline } from '../../ui/incident/Timeline';
import { usePolled } from '../../ui/polling/usePolled';
import { ProblemBox } from '../../ui/problems/ProblemBox';
import { RunRows } from '../../ui/runs/RunRows';
import { PageFrame } from '../App/PageFrame';
import { usePlace } from '../App/usePlace';
import { IncidentHeader } from './IncidentHeader';

/** The one page of an alert's instance: what it is, its graph, what to do, what was done, every moment of it. */
export function OneIncident({ id }: { id: string }) {
  const answer = usePolled(() => serviceClient().incident(id), id, 2000);
  const incident = answer.data;
  return (
    <PageFrame name="incident" title={incident?.alertName ?? 'Incident'} subTitle={incident?.annotations.summary}>
      {answer.error && (
        <ProblemBox problem={problemOf(answer.error)} lead={incident && 'What stands below is from before.'}>
          {!incident && <TextLink href={links.incidents()}>All incidents</TextLink>}
        </ProblemBox>
      )}
      {!incident && !answer.error && <LoadingPlaceholder text="Loading the incident…" />}
      {incident && <Body incident={incident} now={answer.answeredAt ?? 0} reload={answer.reload} />}
    </PageFrame>
  );
}

function Body({ incident, now, reload }: { incident: IncidentDetail; now: number; reload: () => void }) {
  const styles = useStyles2(getStyles);
  const [params] = useSearchParams();
  const [place, setPlace] = usePlace();
  const open = incident.state !== 'resolved';
  const end = incident.normalAt ?? incident.resolvedAt;
  return (
    <>
      <IncidentHeader incident={incident} now={now} reload={reload} />
      <div className={styles.columns}>
        <div className={styles.column}>
          <section id="graph" aria-label="Graph">
            <AlertGraph
              alertName={incident.alertName}
              annotations={incident.annotations}
              since={Date.parse(incident.openedAt)}
              end={end ? Date.parse(end) : null}
              runs={incident.runs}
              now={now}
            />
          </section>
          {(open || params.get('run')) && (
            <section className={styles.box} aria-labelledby="dfr-mend">
              <h2 id="dfr-mend" className={styles.title}>
                Mend it
              </h2>
              <ActionDesk fingerprint={incident.fingerprint} place={place} onPlace={setPlace} />
            </section>
          )}
          {incident.runs.length > 0 && (
            <section className={styles.box} aria-labelledby="dfr-runs">
              <h2 id="dfr-runs" className={styles.title}>
                What was done
              </h2>
              <RunRows runs={incident.runs} label="Runs of this incident" />
            </section>
          )}
        </div>
        <section className={styles.box} aria-labelledby="dfr-timeline">
          <h2 id="dfr-timeline" className={styles.title}>
            Timeline
          </h2>
          <Timeline events={incident.timeline} live={open} />
        </section>
      </div>
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  columns: css({
    display: 'grid',
    gap: theme.spacing(2),
    gridTemplateColumns: 'minmax(0, 1fr)',
    alignItems: 'start',
    [theme.breakpoints.up('lg')]: { gridTemplateColumns: 'minmax(0, 3fr) minmax(0, 2fr)' },
  }),
  column: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2), minWidth: 0 }),
  box: css({
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    padding: theme.spacing(2),
    minWidth: 0,
  }),
  title: css({ fontSize: theme.typography.h5.fontSize, marginBottom: theme.spacing(1) }),
});
