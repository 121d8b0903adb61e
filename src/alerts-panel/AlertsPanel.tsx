import React from 'react';
import { css } from '@emotion/css';
import type { PanelProps } from '@grafana/data';
import { AlertBoard, type AlertSort } from '../ui/alerts/AlertBoard';
import { panelQuery } from '../ui/panels/panelDatasource';

export type AlertsPanelOptions = { groupBy: string[]; sort: AlertSort; compact: boolean };

/** The alert board in a panel: filters come from its query, and it asks at once when the dashboard refreshes. */
export function AlertsPanel({ options, data, width, height, replaceVariables }: PanelProps<AlertsPanelOptions>) {
  const { uid, filters } = panelQuery(data, (text) => replaceVariables(text, undefined, 'regex'));
  return (
    <div className={css({ width, height, overflow: 'auto' })}>
      <AlertBoard uid={uid} filters={filters} groupBy={options.groupBy ?? []} sort={options.sort} compact={options.compact} refreshKey={data.request?.requestId ?? data.state} />
    </div>
  );
}
