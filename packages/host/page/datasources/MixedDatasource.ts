import {
  DataSourceApi,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceInstanceSettings,
  type DataSourceRef,
} from '@grafana/data';
import type { DataQuery } from '@grafana/schema';
import { type Observable, defer, from, isObservable, map, merge, mergeMap } from 'rxjs';

export const mixedSettings = {
  id: -100,
  uid: '-- Mixed --',
  type: 'mixed',
  name: '-- Mixed --',
  access: 'direct',
  readOnly: true,
  jsonData: {},
  meta: { id: 'mixed', name: '-- Mixed --', module: '', baseUrl: '', type: 'datasource', mixed: true } as never,
} as DataSourceInstanceSettings;

/** A panel whose queries go to several datasources: each gets its own, the answers come as they come. */
export class MixedDatasource extends DataSourceApi {
  private readonly find: (ref: DataSourceRef) => Promise<DataSourceApi>;

  constructor(settings: DataSourceInstanceSettings, find: (ref: DataSourceRef) => Promise<DataSourceApi>) {
    super(settings);
    this.find = find;
  }

  query(request: DataQueryRequest): Observable<DataQueryResponse> {
    const uids = [...new Set(request.targets.map(uidOf))];
    return merge(
      ...uids.map((uid) =>
        this.ask(uid, { ...request, targets: request.targets.filter((target) => uidOf(target) === uid) })
      )
    );
  }

  async testDatasource() {
    return { status: 'success', message: '' };
  }

  private ask(uid: string, request: DataQueryRequest): Observable<DataQueryResponse> {
    return defer(() => this.find({ uid })).pipe(
      mergeMap((datasource) => {
        const answer = datasource.query(request);
        return isObservable(answer) ? answer : from(answer);
      }),
      map((answer) => ({ ...answer, key: `${uid}/${answer.key ?? ''}` }))
    );
  }
}

const uidOf = (target: DataQuery): string => target.datasource?.uid ?? '';
