import { DataSourcePlugin, DataSourceApi } from '@grafana/data';
export const plugin = new DataSourcePlugin(DataSourceApi as never);
