import React, { useEffect, useMemo, useRef } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { LoadingPlaceholder, useStyles2 } from '@grafana/ui';
import type { Alert, AlertsAnswer } from '@dfr-ops/contracts';
import { defaultUid } from '../../client/ServiceClient';
import { ProblemBox } from '../problems/ProblemBox';
import { AlertRow } from './AlertRow';
import { AskedLine, NoAlerts, SourcesDown, Stale } from './AlertsNews';
import { groupAlerts, type AlertGroup } from './groupAlerts';
import { SelectedGone } from './SelectedGone';
import { useAlerts, type AlertsNow } from './useAlerts';

export type AlertSort = 'severity' | 'newest' | 'oldest' | 'name';

export type AlertBoardProps = {
  /** Uid of the datasource DFR Ops. */
  uid?: string;
  /** Matchers that every alert must fit, e.g. `severity="critical"`. */
  filters?: string[];
  /** Labels by which rows are grouped; alerts that lack one stand under "(none)". */
  groupBy?: string[];
  sort?: AlertSort;
  /** Leaves out summaries. */
  compact?: boolean;
  /** Fingerprint of the alert that is laid open, e.g. from the URL. */
  selected?: string | null;
  /** Drawn below the row of the selected alert, e.g. its graph. */
  renderDetails?: (alert: Alert) => React.ReactNode;
  /** Whatever changes with the dashboard's refresh: then it is asked at once. */
  refreshKey?: unknown;
};

const noStrings: string[] = [];

/** The alerts as they are now, asked again by itself every second or so: rows with state, value, links, acknowledgement. */
export function AlertBoard(props: AlertBoardProps) {
  const { uid = defaultUid, filters = noStrings } = props;
  return <AlertBoardOf {...props} now={useAlerts(uid, filters, props.refreshKey)} />;
}

/** The board for those who ask themselves, with the same datasource and filters, and need the answer elsewhere too. */
export function AlertBoardOf({ now, ...props }: Omit<AlertBoardProps, 'refreshKey'> & { now: AlertsNow }) {
  const { uid = defaultUid, filters = noStrings, selected = null } = props;
  const styles = useStyles2(getStyles);
  const { answer, problem } = now;
  const board = useRef<HTMLDivElement>(null);
  useScrollTo(board, selected, answer !== undefined);
  const gone = selected !== null && answer && !answer.alerts.some((alert) => alert.fingerprint === selected);

  return (
    <div ref={board} className={styles.board} data-testid="dfr-alerts">
      {answer && problem && <Stale problem={problem} askedAt={now.askedAt!} />}
      {!answer && problem && <ProblemBox problem={problem} lead="Which alerts fire is not known." />}
      {!answer && !problem && <LoadingPlaceholder text="Asking the action service…" />}
      {answer && <SourcesDown sources={answer.sources} />}
      {gone && <SelectedGone uid={uid} fingerprint={selected} filtered={filters.length > 0} />}
      {answer && answer.alerts.length === 0 && <NoAlerts answer={answer} now={now} filters={filters} />}
      {answer && answer.alerts.length > 0 && <Groups {...props} uid={uid} answer={answer} now={now} />}
    </div>
  );
}

type GroupsProps = AlertBoardProps & { uid: string; answer: AlertsAnswer; now: AlertsNow };

function Groups({ uid, answer, now, groupBy = noStrings, sort = 'severity', compact = false, selected, renderDetails }: GroupsProps) {
  const styles = useStyles2(getStyles);
  const labels = groupBy.join('\n');
  const groups = useMemo(() => groupAlerts(answer.alerts, labels ? labels.split('\n') : [], sort), [answer, labels, sort]);
  const row = (alert: Alert) => {
    const isSelected = alert.fingerprint === selected;
    return (
      <AlertRow
        key={alert.fingerprint}
        uid={uid}
        alert={alert}
        clockAhead={now.clockAhead}
        compact={compact}
        selected={isSelected}
        details={isSelected ? renderDetails?.(alert) : undefined}
        onChanged={now.askNow}
      />
    );
  };
  return (
    <>
      <AskedLine answer={answer} now={now} />
      {groups.map((group) => (
        <section key={group.key} aria-label={group.title || 'Alerts'}>
          {group.title && <GroupTitle group={group} />}
          <ul className={styles.list}>{group.alerts.map(row)}</ul>
        </section>
      ))}
    </>
  );
}

function GroupTitle({ group }: { group: AlertGroup }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.group} data-testid="dfr-alert-group">
      {group.title} <span className={styles.count}>({group.alerts.length})</span>
    </div>
  );
}

/** Brings the alert of the link into view once, when it is there. */
function useScrollTo(board: React.RefObject<HTMLDivElement | null>, fingerprint: string | null, ready: boolean) {
  const done = useRef<string | null>(null);
  useEffect(() => {
    const row = fingerprint && ready ? board.current?.querySelector(`[data-fingerprint="${CSS.escape(fingerprint)}"]`) : null;
    if (row && done.current !== fingerprint) {
      done.current = fingerprint;
      row.scrollIntoView?.({ block: 'nearest' });
    }
  }, [board, fingerprint, ready]);
}

const getStyles = (theme: GrafanaTheme2) => ({
  board: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1), containerType: 'inline-size', minWidth: 0 }),
  list: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(0.75), listStyle: 'none', margin: 0, padding: 0 }),
  group: css({ padding: theme.spacing(1, 0, 0.5), fontWeight: theme.typography.fontWeightMedium }),
  count: css({ color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightRegular }),
});
