import {
  ConstantVariable,
  CustomVariable,
  DataSourceVariable,
  IntervalVariable,
  QueryVariable,
  type SceneVariable,
  TextBoxVariable,
} from '@grafana/scenes';
import type { VariableJson } from './dashboardModel';

/** A dashboard's variable; null for a kind that is not known here, which panels then show unfilled. */
export function variableOf(json: VariableJson): SceneVariable | null {
  const { name, label, description, hide = 0, skipUrlSync = false, multi, includeAll, current } = json;
  const common = { name, label, description, hide, skipUrlSync };
  const chosen = { value: current?.value ?? '', text: current?.text ?? '' };
  const choice = { ...common, ...chosen, isMulti: multi, includeAll, allValue: json.allValue ?? undefined };
  const text = typeof json.query === 'string' ? json.query : (json.query?.query ?? '');
  switch (json.type) {
    case 'query':
      return new QueryVariable({
        ...choice,
        query: (json.query as string | undefined) ?? '',
        datasource: json.datasource ?? null,
        regex: json.regex ?? '',
        sort: json.sort ?? 0,
        refresh: json.refresh ?? 1,
      });
    case 'custom':
      return new CustomVariable({ ...choice, query: text });
    case 'datasource':
      return new DataSourceVariable({ ...choice, pluginId: text, regex: json.regex ?? '' });
    case 'constant':
      return new ConstantVariable({ ...common, value: text });
    case 'textbox':
      return new TextBoxVariable({ ...common, value: String(chosen.value || text) });
    case 'interval':
      return new IntervalVariable({
        ...common,
        intervals: text.split(',').map((interval) => interval.trim()),
        value: String(chosen.value),
      });
    default:
      return null;
  }
}
