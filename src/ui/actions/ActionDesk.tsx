import React, { useState } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert as Box, LoadingPlaceholder, useStyles2 } from '@grafana/ui';
import type { Run } from '@dfr-ops/contracts';
import { problemOf } from '../../client/ProblemError';
import { defaultUid } from '../../client/ServiceClient';
import { ProblemBox } from '../problems/ProblemBox';
import { useWidth } from '../width/useWidth';
import { ActionAttempt } from './ActionAttempt';
import { ActionChooser } from './ActionChooser';
import { MendedAlert } from './MendedAlert';
import { RunHistory } from './RunHistory';
import { RunView } from './RunView';
import { useOffered, type Offered } from './useOffered';
import { useRollback } from './useRollback';

/** What the desk shows; kept in the URL by whoever renders it, so that a reload in mid-run finds the run again. */
export type DeskPlace = {
  action: string | null;
  run: string | null;
  /** Run that the action is to take back. */
  back?: string | null;
};

export type ActionDeskProps = {
  /** Uid of the datasource DFR Ops. */
  uid?: string;
  /** The alert to mend; null: free choice. */
  fingerprint?: string | null;
  place: DeskPlace;
  onPlace: (place: DeskPlace) => void;
  /** Lists former runs below; left out by those who list them themselves. */
  history?: boolean;
};

const wide = 760;

/** Choose an action, preview it, run it, watch it and its verdict. */
export function ActionDesk({ uid = defaultUid, fingerprint = null, place, onPlace, history = true }: ActionDeskProps) {
  const styles = useStyles2(getStyles);
  const { ref, width } = useWidth<HTMLDivElement>(wide);
  const [started, setStarted] = useState<Run | null>(null);
  const begin = (run: Run) => {
    setStarted(run);
    onPlace({ action: run.actionId, run: run.id, back: undefined });
  };
  return (
    <div ref={ref} className={styles.desk} data-testid="dfr-actions">
      {fingerprint && <MendedAlert uid={uid} fingerprint={fingerprint} />}
      {place.run ? (
        <RunView
          key={place.run}
          uid={uid}
          runId={place.run}
          started={started}
          onRollback={(action) => onPlace({ action, run: null, back: place.run })}
          onBack={() => onPlace({ action: place.action, run: null })}
        />
      ) : (
        <Choice uid={uid} fingerprint={fingerprint} place={place} onPlace={onPlace} onStarted={begin} history={history} brief={width < wide} />
      )}
    </div>
  );
}

type ChoiceProps = Required<ActionDeskProps> & { onStarted: (run: Run) => void; brief: boolean };

function Choice({ uid, fingerprint, place, onPlace, onStarted, history, brief }: ChoiceProps) {
  const styles = useStyles2(getStyles);
  const { data, error } = useOffered(uid, fingerprint);
  const back = place.back ?? null;
  const rollback = useRollback(uid, back);
  // Decided once: what a person has begun must not go from under their hands when the alert or a lock changes.
  const [only, setOnly] = useState<string | null>(null);
  if (data && only === null && !place.action) {
    setOnly(onlyFitting(data) ?? '');
  }
  if (!data) {
    return error ? <ProblemBox problem={problemOf(error)} lead="Which actions there are is not known." /> : <LoadingPlaceholder text="Asking which actions there are…" />;
  }
  const chosen = data.actions.find((action) => action.id === (place.action ?? only));
  const open = (run: Run) => onPlace({ action: run.actionId, run: run.id, back: undefined });
  const filled = back === null || rollback.offer !== null;
  return (
    <>
      {error && <ProblemBox problem={problemOf(error)} severity="warning" lead="The list of actions is not up to date." />}
      {data.frozen && <Box severity="warning" title={`All actions are frozen: ${data.frozen}`} bottomSpacing={0} data-testid="dfr-frozen" />}
      <div className={brief ? styles.stacked : styles.beside}>
        <ActionChooser actions={data.actions} chosen={chosen?.id ?? null} onChoose={(action) => onPlace({ action, run: null, back: undefined })} brief={brief} />
        <div className={styles.main}>
          {rollback.problem && <ProblemBox problem={rollback.problem} lead="It cannot be taken back." />}
          {chosen && filled ? (
            <ActionAttempt key={`${chosen.id} ${fingerprint} ${back}`} uid={uid} action={chosen} fingerprint={fingerprint} rollback={rollback.offer} clockAhead={data.clockAhead} onStarted={onStarted} brief={brief} />
          ) : (
            <p className={styles.hint}>{chosen ? 'Asking what is to be taken back…' : place.action ? `There is no action ${place.action} here; choose another.` : 'Choose an action: it is previewed before anything is touched.'}</p>
          )}
          {history && (
            <RunHistory
              uid={uid}
              title={chosen ? `Runs of ${chosen.title}` : fingerprint ? 'Runs for this alert' : 'Latest runs'}
              query={chosen ? { actionId: chosen.id, limit: 5 } : { fingerprint: fingerprint ?? undefined, limit: 5 }}
              onOpen={open}
            />
          )}
        </div>
      </div>
    </>
  );
}

/** Id of the one action that fits the alert; null where there are several or none. */
function onlyFitting({ actions }: Offered): string | null {
  const fitting = actions.filter((action) => action.fit?.fits);
  return fitting.length === 1 ? fitting[0]!.id : null;
}

const getStyles = (theme: GrafanaTheme2) => ({
  desk: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1.5), containerType: 'inline-size', minWidth: 0 }),
  beside: css({ display: 'grid', gridTemplateColumns: 'minmax(240px, 1fr) minmax(0, 2fr)', gap: theme.spacing(3), alignItems: 'start' }),
  stacked: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2) }),
  main: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(3), minWidth: 0 }),
  hint: css({ color: theme.colors.text.secondary, margin: 0 }),
});
