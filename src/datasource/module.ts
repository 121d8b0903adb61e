import { DataSourcePlugin } from '@grafana/data';
import { ConfigEditor } from './ConfigEditor';
import { DfrDatasource } from './DfrDatasource';
import { QueryEditor } from './QueryEditor';
import type { DfrOptions, DfrQuery, DfrSecrets } from './types';

export const plugin = new DataSourcePlugin<DfrDatasource, DfrQuery, DfrOptions, DfrSecrets>(DfrDatasource)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor);
