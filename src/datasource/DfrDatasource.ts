import {
  DataSourceApi,
  type AnnotationSupport,
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceInstanceSettings,
  type ScopedVars,
  type TestDataSourceResponse,
} from '@grafana/data';
import { getTemplateSrv } from '@grafana/runtime';
import type { ServiceHealth } from '@dfr-ops/contracts';
import { problemOf } from '../client/ProblemError';
import { serviceClient, type ServiceClient } from '../client/ServiceClient';
import { frameOfActions, frameOfAlerts, frameOfAnnotations, frameOfIncidents, frameOfRuns } from './frames';
import type { DfrOptions, DfrQuery } from './types';

/** What a variable of our dashboards, or Grafana's own, gives for All. */
const allValues: ReadonlySet<string> = new Set(['.+', '.*', '$__all']);

/** Reads alerts, actions, runs and incidents of the action service. It has no query that acts. */
export class DfrDatasource extends DataSourceApi<DfrQuery, DfrOptions> {
  private readonly client: ServiceClient;
  /** Runs and incidents over every dashboard's graphs. */
  readonly annotations: AnnotationSupport<DfrQuery> = {
    prepareQuery: () => ({ refId: 'annotations', queryType: 'annotations' }),
  };

  constructor(settings: DataSourceInstanceSettings<DfrOptions>) {
    super(settings);
    this.client = serviceClient(settings.uid);
  }

  getDefaultQuery(): Partial<DfrQuery> {
    return { queryType: 'alerts', filters: [] };
  }

  filterQuery(query: DfrQuery): boolean {
    return !query.hide;
  }

  /** Fails as a whole, in the problem's words: a panel that shows part of an answer would look like all of it. */
  async query(request: DataQueryRequest<DfrQuery>): Promise<DataQueryResponse> {
    try {
      const asked = request.targets.filter((target) => !target.hide);
      return { data: await Promise.all(asked.map((target) => this.frameOf(target, request))) };
    } catch (error) {
      const { what, why, todo } = problemOf(error);
      throw new Error(`${what} ${why} ${todo}`, { cause: error });
    }
  }

  private async frameOf(query: DfrQuery, { range, scopedVars }: DataQueryRequest<DfrQuery>): Promise<DataFrame> {
    const { refId, queryType = 'alerts', filters, fingerprint, actionId, state, limit, country, env, service } = this.filledIn(query, scopedVars);
    const labels = { country, env, service };
    switch (queryType) {
      case 'alerts':
        return frameOfAlerts(refId, await this.client.alerts(filters));
      case 'actions':
        return frameOfActions(refId, await this.client.actions(fingerprint || null));
      case 'runs':
        return frameOfRuns(refId, (await this.client.runs({ fingerprint, actionId, limit, ...labels })).runs);
      case 'incidents':
        return frameOfIncidents(refId, (await this.client.incidents({ fingerprint, state: state ?? 'open', limit, ...labels })).incidents);
      case 'annotations':
        return frameOfAnnotations(refId, await this.client.annotations(range.from.valueOf(), range.to.valueOf()));
    }
  }

  /** The query with its variables replaced by their values. */
  private filledIn(query: DfrQuery, scopedVars: ScopedVars): DfrQuery {
    const fill = (text: string) => getTemplateSrv().replace(text, scopedVars, 'regex');
    return {
      ...query,
      filters: query.filters?.map(fill).filter((filter) => filter.trim() !== ''),
      fingerprint: query.fingerprint && fill(query.fingerprint),
      actionId: query.actionId && getTemplateSrv().replace(query.actionId, scopedVars),
      country: labelValues(query.country, scopedVars),
      env: labelValues(query.env, scopedVars),
      service: labelValues(query.service, scopedVars),
    };
  }

  async testDatasource(): Promise<TestDataSourceResponse> {
    try {
      return healthInWords(await this.client.health());
    } catch (error) {
      const { what, why, todo } = problemOf(error);
      return { status: 'error', message: `${what} ${why} ${todo}` };
    }
  }
}

/** Values separated by commas; undefined, which asks for any, where a variable stands at All. */
function labelValues(text: string | undefined, scopedVars: ScopedVars): string | undefined {
  const values = text && getTemplateSrv().replace(text, scopedVars, 'csv').trim();
  return !values || allValues.has(values) ? undefined : values;
}

/** The service answers; whether all that it leans on does is told by name. */
function healthInWords(health: ServiceHealth): TestDataSourceResponse {
  const down = health.sources.filter((source) => !source.ok);
  const frozen = health.frozen ? ` Actions are frozen: ${health.frozen}` : '';
  if (down.length === 0) {
    return { status: 'success', message: `The action service ${health.version} answers, and so does everything it leans on.${frozen}` };
  }
  const reasons = down.map((source) => `${source.name}: ${source.error ?? 'no answer'}`).join(' ');
  return { status: 'warning', message: `The action service ${health.version} answers, but not all that it leans on does. ${reasons}${frozen}` };
}
