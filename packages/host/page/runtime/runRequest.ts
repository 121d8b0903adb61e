import {
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  LoadingState,
  type PanelData,
  toDataFrame,
} from '@grafana/data';
import { toDataQueryError } from '@grafana/runtime';
import {
  type Observable,
  catchError,
  defer,
  from,
  isObservable,
  map,
  merge,
  of,
  scan,
  share,
  takeUntil,
  timer,
} from 'rxjs';

/** A panel says "loading" only when the answer takes longer than this. */
const loadingAfterMs = 200;

/** Runs a panel's queries and gives what the panel shows: series, annotations, errors and how far it is. */
export function runRequest(
  datasource: DataSourceApi,
  request: DataQueryRequest,
  queryFunction?: DataSourceApi['query']
): Observable<PanelData> {
  const begun: PanelData = { state: LoadingState.Loading, series: [], request, timeRange: request.range };
  if (request.targets.length === 0) {
    request.endTime = Date.now();
    return of({ ...begun, state: LoadingState.Done });
  }
  const answers = defer(() => {
    const answer = queryFunction ? queryFunction(request) : datasource.query(request);
    return isObservable(answer) ? answer : from(answer);
  }).pipe(
    scan(mergePackets, new Map<string, DataQueryResponse>()),
    map((packets) => toPanelData(begun, packets)),
    catchError((error) => of(failedPanelData(begun, error))),
    share()
  );
  return merge(
    timer(loadingAfterMs).pipe(
      map(() => begun),
      takeUntil(answers)
    ),
    answers
  );
}

/** Streams may come in several packets: each replaces the earlier one of its key. */
function mergePackets(
  packets: Map<string, DataQueryResponse>,
  packet: DataQueryResponse
): Map<string, DataQueryResponse> {
  const key = packet.key ?? packet.data?.find((frame) => frame?.refId)?.refId ?? 'A';
  return new Map(packets).set(key, packet);
}

function toPanelData(begun: PanelData, packets: Map<string, DataQueryResponse>): PanelData {
  const all = [...packets.values()];
  const frames = all.flatMap(({ data = [] }) => data).map((frame) => toDataFrame(frame));
  const errors = all.flatMap(({ error, errors = [] }) => (errors.length > 0 ? errors : error ? [error] : []));
  if (begun.request) {
    begun.request.endTime = Date.now();
  }
  return {
    ...begun,
    state: stateOf(all, errors.length > 0),
    series: frames.filter((frame) => frame.meta?.dataTopic !== 'annotations'),
    annotations: frames.filter((frame) => frame.meta?.dataTopic === 'annotations'),
    ...(errors.length > 0 ? { errors, error: errors[0] } : {}),
  };
}

function stateOf(packets: DataQueryResponse[], failed: boolean): LoadingState {
  if (failed) {
    return LoadingState.Error;
  }
  const states = packets.map(({ state }) => state);
  const unfinished = [LoadingState.Loading, LoadingState.Streaming].find((state) => states.includes(state));
  return unfinished ?? LoadingState.Done;
}

function failedPanelData(begun: PanelData, cause: unknown): PanelData {
  const error = toDataQueryError(cause as Error);
  return {
    ...begun,
    state: (cause as { cancelled?: boolean } | null)?.cancelled ? LoadingState.Done : LoadingState.Error,
    error,
    errors: [error],
  };
}
