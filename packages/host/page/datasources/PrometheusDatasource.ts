import {
  type DataFrame,
  DataSourceApi,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceInstanceSettings,
  type DataSourceJsonData,
  type MetricFindValue,
  type ScopedVars,
} from '@grafana/data';
import { getBackendSrv, getTemplateSrv, toDataQueryError } from '@grafana/runtime';
import type { DataQuery } from '@grafana/schema';
import { type Observable, catchError, map, of } from 'rxjs';
import { joinAnswers } from './joinAnswers';
import { intervalVariables, matcherValue, stepSeconds } from './queryMacros';
import { type Series, seriesFrames, tableFrame } from './seriesFrames';
import { type VariableQuery, parseVariableQuery } from './variableQuery';

export interface PrometheusQuery extends DataQuery {
  expr: string;
  legendFormat?: string;
  interval?: string;
  instant?: boolean;
  range?: boolean;
  format?: 'time_series' | 'table' | 'heatmap';
}

interface PrometheusSettings extends DataSourceJsonData {
  /** Scrape interval, as "15s". */
  timeInterval?: string;
}

interface Answer {
  data: { resultType: 'matrix' | 'vector' | 'scalar' | 'string'; result: Series[] | [number, string] };
  warnings?: string[];
}

/** What dashboards and apps ask of Grafana's Prometheus datasource, over Prometheus's HTTP API. */
export class PrometheusDatasource extends DataSourceApi<PrometheusQuery, PrometheusSettings> {
  readonly url: string;
  readonly scrapeInterval: string;

  constructor(settings: DataSourceInstanceSettings<PrometheusSettings>) {
    super(settings);
    this.url = settings.url ?? '';
    this.scrapeInterval = settings.jsonData.timeInterval || '15s';
  }

  query(request: DataQueryRequest<PrometheusQuery>): Observable<DataQueryResponse> {
    const targets = request.targets.filter((target) => !target.hide && target.expr);
    return joinAnswers(targets.flatMap((target) => this.ask(target, request)));
  }

  override interpolateVariablesInQueries(queries: PrometheusQuery[], scopedVars: ScopedVars): PrometheusQuery[] {
    return queries.map((query) => ({ ...query, expr: getTemplateSrv().replace(query.expr, scopedVars, matcherValue) }));
  }

  override async metricFindQuery(
    query: VariableQuery,
    options?: { scopedVars?: ScopedVars; range?: DataQueryRequest['range'] }
  ): Promise<MetricFindValue[]> {
    const asked = parseVariableQuery(
      getTemplateSrv().replace(typeof query === 'string' ? query : query.query, options?.scopedVars, matcherValue)
    );
    const time: Record<string, string> = options?.range
      ? { start: String(options.range.from.valueOf() / 1000), end: String(options.range.to.valueOf() / 1000) }
      : {};
    switch (asked.kind) {
      case 'label_values':
        return texts(
          await this.read<string[]>(
            `label/${encodeURIComponent(asked.label)}/values`,
            asked.selector ? { ...time, 'match[]': asked.selector } : time
          )
        );
      case 'label_names':
        return texts(await this.read<string[]>('labels', time));
      case 'metrics':
        return texts(
          (await this.read<string[]>('label/__name__/values', time)).filter((name) =>
            new RegExp(asked.pattern).test(name)
          )
        );
      case 'query_result':
        return this.queryResult(asked.expr);
    }
  }

  async testDatasource() {
    await this.read('query', { query: '1' });
    return { status: 'success', message: 'Prometheus answers.' };
  }

  /** A target may ask for its range, for its last value, or for both. */
  private ask(
    target: PrometheusQuery,
    request: DataQueryRequest<PrometheusQuery>
  ): Array<Observable<DataQueryResponse>> {
    const shortest = target.interval
      ? getTemplateSrv().replace(target.interval, request.scopedVars)
      : this.scrapeInterval;
    const step = stepSeconds(request, shortest);
    const expr = getTemplateSrv().replace(
      target.expr,
      intervalVariables(request, step, this.scrapeInterval),
      matcherValue
    );
    const legendFormat = getTemplateSrv().replace(target.legendFormat ?? '', request.scopedVars);
    const asked = { ...target, expr, legendFormat };
    const kinds: Array<'instant' | 'range'> = [];
    if (target.instant) {
      kinds.push('instant');
    }
    if (target.range || !target.instant) {
      kinds.push('range');
    }
    return kinds.map((kind) => this.askOne(asked, request, kind, step));
  }

  private askOne(
    target: PrometheusQuery,
    request: DataQueryRequest,
    kind: 'instant' | 'range',
    step: number
  ): Observable<DataQueryResponse> {
    const [from, to] = [request.range.from.valueOf() / 1000, request.range.to.valueOf() / 1000];
    const aligned = (seconds: number) => String(Math.floor(seconds / step) * step);
    const data: Record<string, string> =
      kind === 'instant'
        ? { query: target.expr, time: String(to) }
        : { query: target.expr, start: aligned(from), end: aligned(to), step: String(step) };
    return getBackendSrv()
      .fetch<Answer>({
        url: `${this.url}/api/v1/${kind === 'instant' ? 'query' : 'query_range'}`,
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        data,
        requestId: `${request.requestId}${target.refId}${kind}`,
        showErrorAlert: false,
      })
      .pipe(
        map((answer) => ({ data: toFrames(answer.data, target, request) })),
        catchError((error) => of({ data: [], errors: [{ ...toDataQueryError(error), refId: target.refId }] }))
      );
  }

  private async queryResult(expr: string): Promise<MetricFindValue[]> {
    const { result } = await this.read<Answer['data']>('query', { query: expr });
    return (result as Series[]).map(({ metric: { __name__ = '', ...labels }, value }) => {
      const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
      return { text: `${__name__}{${pairs.join(',')}} ${value?.[1]} ${(value?.[0] ?? 0) * 1000}` };
    });
  }

  private async read<T>(path: string, params: Record<string, string>): Promise<T> {
    const answer = await getBackendSrv().get<{ data: T }>(`${this.url}/api/v1/${path}`, params, undefined, {
      showErrorAlert: false,
    });
    return answer.data;
  }
}

function toFrames({ data }: Answer, target: PrometheusQuery, { targets }: DataQueryRequest): DataFrame[] {
  const results =
    data.resultType === 'scalar' || data.resultType === 'string'
      ? [{ metric: {}, value: data.result as [number, string] }]
      : (data.result as Series[]);
  if (target.format === 'table') {
    return [tableFrame(results, target, targets.length > 1 ? `Value #${target.refId}` : 'Value')];
  }
  return seriesFrames(results, target);
}

const texts = (values: string[]): MetricFindValue[] => values.map((text) => ({ text }));
