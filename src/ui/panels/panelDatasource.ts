import type { PanelData } from '@grafana/data';
import { defaultUid } from '../../client/ServiceClient';

/** The query that a panel of ours was given, as far as it says whom to ask and for which alerts. */
export type PanelQuery = { uid: string; filters: string[] };

const ourType = 'dfr-ops-datasource';

/** Uid and matchers of the panel's first query on a datasource of ours; the provisioned datasource where there is none. */
export function panelQuery(data: PanelData, replaceVariables: (text: string) => string): PanelQuery {
  for (const target of data.request?.targets ?? []) {
    if (target.datasource?.type === ourType && target.datasource.uid) {
      const filters = 'filters' in target && Array.isArray(target.filters) ? target.filters : [];
      return {
        uid: replaceVariables(target.datasource.uid),
        filters: filters.filter((filter) => typeof filter === 'string').map(replaceVariables).filter((filter) => filter.trim() !== ''),
      };
    }
  }
  return { uid: defaultUid, filters: [] };
}
