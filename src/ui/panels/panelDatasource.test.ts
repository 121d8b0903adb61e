import type { PanelData } from '@grafana/data';
import { panelQuery } from './panelDatasource';

const dataOf = (targets: unknown[]) => ({ request: { targets } }) as unknown as PanelData;
const fill = (text: string) => text.replace('$severity', 'critical');
const ours = { type: 'dfr-ops-datasource', uid: 'other' };

it('takes uid and matchers of its first query on our datasource', () => {
  const data = dataOf([{ refId: 'A', datasource: { type: 'prometheus', uid: 'p' } }, { refId: 'B', datasource: ours, filters: ['severity="$severity"', ''] }]);
  expect(panelQuery(data, fill)).toEqual({ uid: 'other', filters: ['severity="critical"'] });
});

it('asks the provisioned datasource when it has no such query', () => {
  expect(panelQuery(dataOf([]), fill)).toEqual({ uid: 'dfr-ops', filters: [] });
  expect(panelQuery({} as PanelData, fill)).toEqual({ uid: 'dfr-ops', filters: [] });
});
