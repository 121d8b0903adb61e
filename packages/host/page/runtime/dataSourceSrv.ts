import type {
  DataSourceApi,
  DataSourceInstanceSettings,
  DataSourcePlugin,
  DataSourceRef,
  ScopedVars,
} from '@grafana/data';
import {
  type DataSourceSrv,
  type GetDataSourceListFilters,
  type RuntimeDataSourceRegistration,
  config,
  getTemplateSrv,
} from '@grafana/runtime';
import { LokiDatasource } from '../datasources/LokiDatasource';
import { MixedDatasource, mixedSettings } from '../datasources/MixedDatasource';
import { PrometheusDatasource } from '../datasources/PrometheusDatasource';
import { importPlugin } from './pluginModules';

type Ref = DataSourceRef | string | null | undefined;

/** The provisioned datasources: ours from its built plugin, Prometheus and Loki thin, made for this host. */
export class HostDataSourceSrv implements DataSourceSrv {
  private readonly instances = new Map<string, Promise<DataSourceApi>>();
  private readonly runtime = new Map<string, DataSourceApi>();

  async get(ref?: Ref, scopedVars?: ScopedVars): Promise<DataSourceApi> {
    const settings = this.getInstanceSettings(ref, scopedVars);
    if (!settings) {
      throw new Error(`Datasource ${JSON.stringify(ref)} was not found`);
    }
    const registered = this.runtime.get(settings.uid);
    if (registered) {
      return registered;
    }
    const known = this.instances.get(settings.uid);
    if (known) {
      return known;
    }
    const made = this.make(settings);
    this.instances.set(settings.uid, made);
    // A failed load is tried again by the next who asks.
    made.catch(() => this.instances.delete(settings.uid));
    return made;
  }

  getInstanceSettings(ref?: Ref, scopedVars?: ScopedVars): DataSourceInstanceSettings | undefined {
    const all = Object.values(config.datasources);
    if (!ref || (typeof ref === 'object' && !ref.uid)) {
      const byType = typeof ref === 'object' && ref?.type ? all.find(({ type }) => type === ref.type) : undefined;
      return byType ?? config.datasources[config.defaultDatasource];
    }
    const wanted = getTemplateSrv().replace(typeof ref === 'string' ? ref : ref.uid, scopedVars);
    if (wanted === mixedSettings.uid) {
      return mixedSettings;
    }
    return (
      this.runtime.get(wanted)?.instanceSettingsOf?.() ?? all.find(({ uid, name }) => uid === wanted || name === wanted)
    );
  }

  getList(filters: GetDataSourceListFilters = {}): DataSourceInstanceSettings[] {
    const types = filters.type === undefined ? null : [filters.type].flat();
    return Object.values(config.datasources)
      .filter(({ type }) => types === null || types.includes(type))
      .filter(({ type }) => filters.pluginId === undefined || filters.pluginId === type)
      .filter(({ meta }) => !filters.metrics || meta.metrics)
      .filter(({ meta }) => !filters.logs || meta.logs)
      .filter(({ meta }) => !filters.alerting || meta.alerting)
      .filter((settings) => filters.filter?.(settings) ?? true);
  }

  async reload(): Promise<void> {
    this.instances.clear();
  }

  registerRuntimeDataSource({ dataSource }: RuntimeDataSourceRegistration): void {
    this.runtime.set(
      dataSource.uid,
      Object.assign(dataSource, { instanceSettingsOf: () => dataSource.instanceSettings })
    );
  }

  private async make(settings: DataSourceInstanceSettings): Promise<DataSourceApi> {
    if (settings.uid === mixedSettings.uid) {
      return new MixedDatasource(settings, (ref) => this.get(ref));
    }
    if (settings.type === 'prometheus') {
      return new PrometheusDatasource(settings) as unknown as DataSourceApi;
    }
    if (settings.type === 'loki') {
      return new LokiDatasource(settings) as unknown as DataSourceApi;
    }
    if (settings.meta.module.startsWith('core:')) {
      throw new Error(`The stand-in host cannot query datasources of the type ${settings.type}.`);
    }
    const plugin = await importPlugin<DataSourcePlugin<DataSourceApi>>(settings.meta);
    const instance = new plugin.DataSourceClass(settings);
    instance.components = plugin.components;
    instance.meta = settings.meta;
    return instance;
  }
}

declare module '@grafana/data' {
  interface DataSourceApi {
    /** Set on datasources that an app registers while it runs. */
    instanceSettingsOf?: () => DataSourceInstanceSettings;
  }
}
