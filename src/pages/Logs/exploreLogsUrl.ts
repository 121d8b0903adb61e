import { locationUtil, urlUtil } from '@grafana/data';

/** Grafana's Explore on the same LogQL and window. */
export function exploreLogsUrl(logQl: string, from: string, to: string): string {
  const datasource = { type: 'loki', uid: 'dfr-loki' };
  const pane = { datasource: datasource.uid, queries: [{ refId: 'A', expr: logQl, datasource }], range: { from, to } };
  return locationUtil.assureBaseUrl(urlUtil.renderUrl('/explore', { schemaVersion: 1, panes: JSON.stringify({ logs: pane }) }));
}
