import {
  type DataFrame,
  DataSourceApi,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceInstanceSettings,
  FieldType,
  type Labels,
  type MetricFindValue,
  type ScopedVars,
  createDataFrame,
} from '@grafana/data';
import { getBackendSrv, getTemplateSrv, toDataQueryError } from '@grafana/runtime';
import type { DataQuery } from '@grafana/schema';
import { type Observable, catchError, map, of } from 'rxjs';
import { joinAnswers } from './joinAnswers';
import { intervalVariables, matcherValue, stepSeconds } from './queryMacros';
import { type Series, seriesFrames } from './seriesFrames';
import type { VariableQuery } from './variableQuery';

export interface LokiQuery extends DataQuery {
  expr: string;
  legendFormat?: string;
  maxLines?: number;
  direction?: 'backward' | 'forward';
  queryType?: string;
  step?: string;
}

/** A stream: values are pairs of nanoseconds as text and the line. */
interface Stream {
  stream: Labels;
  values: Array<[string, string]>;
}

interface Answer {
  data: { resultType: 'streams'; result: Stream[] } | { resultType: 'matrix' | 'vector'; result: Series[] };
}

const defaultMaxLines = 1000;

/** What dashboards and apps ask of Grafana's Loki datasource, over Loki's HTTP API. */
export class LokiDatasource extends DataSourceApi<LokiQuery> {
  readonly url: string;

  constructor(settings: DataSourceInstanceSettings) {
    super(settings);
    this.url = settings.url ?? '';
  }

  query(request: DataQueryRequest<LokiQuery>): Observable<DataQueryResponse> {
    const targets = request.targets.filter((target) => !target.hide && target.expr);
    return joinAnswers(targets.map((target) => this.ask(target, request)));
  }

  override interpolateVariablesInQueries(queries: LokiQuery[], scopedVars: ScopedVars): LokiQuery[] {
    return queries.map((query) => ({ ...query, expr: getTemplateSrv().replace(query.expr, scopedVars, matcherValue) }));
  }

  override async metricFindQuery(query: VariableQuery): Promise<MetricFindValue[]> {
    const [, selector, label] =
      /^label_values\((?:(.+),)?\s*([a-zA-Z_]\w*)\s*\)$/s.exec(
        (typeof query === 'string' ? query : query.query).trim()
      ) ?? [];
    if (!label) {
      throw new Error('The stand-in host reads label_values({…}, label) only.');
    }
    const answer = await getBackendSrv().get<{ data?: string[] }>(
      `${this.url}/loki/api/v1/label/${label}/values`,
      selector ? { query: selector } : {}
    );
    return (answer.data ?? []).map((text) => ({ text }));
  }

  async testDatasource() {
    await getBackendSrv().get(`${this.url}/loki/api/v1/labels`);
    return { status: 'success', message: 'Loki answers.' };
  }

  private ask(target: LokiQuery, request: DataQueryRequest<LokiQuery>): Observable<DataQueryResponse> {
    const step = stepSeconds(request, target.step || '1s');
    const expr = getTemplateSrv().replace(target.expr, intervalVariables(request, step, '1s'), matcherValue);
    const instant = target.queryType === 'instant';
    const nanoseconds = (ms: number) => `${Math.round(ms)}000000`;
    const [from, to] = [nanoseconds(request.range.from.valueOf()), nanoseconds(request.range.to.valueOf())];
    const params = {
      query: expr,
      limit: target.maxLines ?? defaultMaxLines,
      direction: target.direction ?? 'backward',
    };
    return getBackendSrv()
      .fetch<Answer>({
        url: `${this.url}/loki/api/v1/${instant ? 'query' : 'query_range'}`,
        params: instant ? { ...params, time: to } : { ...params, start: from, end: to, step: `${step}s` },
        requestId: `${request.requestId}${target.refId}`,
        showErrorAlert: false,
      })
      .pipe(
        map(({ data: { data } }) => ({
          data:
            data.resultType === 'streams'
              ? [logsFrame(data.result, target, expr)]
              : seriesFrames(data.result, { ...target, expr }),
        })),
        catchError((error) => of({ data: [], errors: [{ ...toDataQueryError(error), refId: target.refId }] }))
      );
  }
}

/** The lines of all streams in one frame, with the fields that Grafana's Loki datasource gives them, in the order asked for. */
function logsFrame(streams: Stream[], target: LokiQuery, expr: string): DataFrame {
  const sign = target.direction === 'forward' ? 1 : -1;
  const lines = streams
    .flatMap(({ stream, values }) =>
      values.map(([at, line], index) => ({ stream, at, line, id: `${at}_${index}_${Object.values(stream).join('_')}` }))
    )
    .sort(
      (left, right) =>
        sign * (left.at.length - right.at.length || (left.at < right.at ? -1 : left.at > right.at ? 1 : 0))
    );
  return createDataFrame({
    refId: target.refId,
    meta: { preferredVisualisationType: 'logs', executedQueryString: expr, custom: { frameType: 'LabeledTimeValues' } },
    fields: [
      { name: 'labels', type: FieldType.other, values: lines.map(({ stream }) => stream), config: {} },
      { name: 'Time', type: FieldType.time, values: lines.map(({ at }) => Number(at.slice(0, -6))), config: {} },
      { name: 'Line', type: FieldType.string, values: lines.map(({ line }) => line), config: {} },
      { name: 'tsNs', type: FieldType.string, values: lines.map(({ at }) => at), config: {} },
      { name: 'id', type: FieldType.string, values: lines.map(({ id }) => id), config: {} },
    ],
  });
}
