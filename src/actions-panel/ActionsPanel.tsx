import React from 'react';
import { css } from '@emotion/css';
import type { PanelProps } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { ActionDesk, type DeskPlace } from '../ui/actions/ActionDesk';
import { panelQuery } from '../ui/panels/panelDatasource';
import { useSearch } from '../ui/panels/useSearch';

export type ActionsPanelOptions = {
  /** Alert to mend: a fingerprint or a variable; empty: the `fingerprint` of the URL, else free choice. */
  fingerprint: string;
};

/** The action desk in a panel. Where it stands is kept in the URL, so that a reload or a shared link finds the run again. */
export function ActionsPanel({ options, data, width, height, replaceVariables }: PanelProps<ActionsPanelOptions>) {
  const search = useSearch();
  const { uid } = panelQuery(data, replaceVariables);
  const fingerprint = fingerprintOf(replaceVariables(options.fingerprint ?? '')) ?? fingerprintOf(search.get('fingerprint') ?? '');
  const place: DeskPlace = { action: search.get('action'), run: search.get('run'), back: search.get('back') };
  // A step of its own in the history: Back leads from the run to the form.
  const go = (next: DeskPlace) => locationService.partial(next);
  return (
    <div className={css({ width, height, overflow: 'auto' })}>
      <ActionDesk uid={uid} fingerprint={fingerprint} place={place} onPlace={go} />
    </div>
  );
}

/** Alertmanager's fingerprint; null for anything else, such as a variable without a value. */
function fingerprintOf(text: string): string | null {
  return /^[0-9a-f]{16}$/.test(text.trim()) ? text.trim() : null;
}
