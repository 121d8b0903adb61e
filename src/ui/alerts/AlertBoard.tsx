import React from 'react';
import type { Alert } from '@dfr-ops/contracts';

export type AlertSort = 'severity' | 'newest' | 'oldest' | 'name';

export type AlertBoardProps = {
  /** Uid of the datasource DFR Ops. */
  uid?: string;
  /** Matchers that every alert must fit, e.g. `severity="critical"`. */
  filters?: string[];
  /** Labels by which rows are grouped; alerts that lack one stand under "(none)". */
  groupBy?: string[];
  sort?: AlertSort;
  /** One line per alert where there is room. */
  compact?: boolean;
  /** Fingerprint of the alert that is laid open, e.g. from the URL. */
  selected?: string | null;
  /** Drawn below the row of the selected alert, e.g. its graph. */
  renderDetails?: (alert: Alert) => React.ReactNode;
  /** Whatever changes with the dashboard's refresh: then it is asked at once. */
  refreshKey?: unknown;
};

/** The alerts as they are now, asked again by itself every second or so: rows with state, value, links, acknowledgement. */
export function AlertBoard(_props: AlertBoardProps) {
  return null;
}
