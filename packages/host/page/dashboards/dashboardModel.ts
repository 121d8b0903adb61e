import type { DataLink, DataTransformerConfig, FieldConfigSource } from '@grafana/data';
import type { DataQuery, DataSourceRef } from '@grafana/schema';

/** A panel of a classic (v1) dashboard, as far as it is drawn. */
export interface PanelJson {
  id?: number;
  type: string;
  title?: string;
  description?: string;
  transparent?: boolean;
  gridPos: { x: number; y: number; w: number; h: number };
  datasource?: DataSourceRef | null;
  targets?: DataQuery[];
  options?: object;
  fieldConfig?: FieldConfigSource;
  transformations?: DataTransformerConfig[];
  links?: DataLink[];
  interval?: string;
  maxDataPoints?: number;
  pluginVersion?: string;
  /** Of a row: folded, with its panels inside. */
  collapsed?: boolean;
  panels?: PanelJson[];
}

export interface VariableJson {
  name: string;
  label?: string;
  description?: string;
  type: string;
  query?: string | { query: string };
  datasource?: DataSourceRef | null;
  regex?: string;
  sort?: number;
  refresh?: number;
  multi?: boolean;
  includeAll?: boolean;
  allValue?: string | null;
  hide?: number;
  skipUrlSync?: boolean;
  current?: { value?: string | string[]; text?: string | string[] };
}

export interface AnnotationJson {
  name: string;
  enable: boolean;
  hide?: boolean;
  iconColor: string;
  datasource?: DataSourceRef | null;
  builtIn?: number;
  target?: DataQuery;
}

export interface DashboardJson {
  uid: string;
  title: string;
  description?: string;
  panels?: PanelJson[];
  templating?: { list?: VariableJson[] };
  annotations?: { list?: AnnotationJson[] };
  time?: { from: string; to: string };
  timezone?: string;
  refresh?: string | false;
  timepicker?: { refresh_intervals?: string[] };
  graphTooltip?: 0 | 1 | 2;
  links?: Array<{
    title: string;
    url?: string;
    type: string;
    tooltip?: string;
    targetBlank?: boolean;
    keepTime?: boolean;
    includeVars?: boolean;
  }>;
}
