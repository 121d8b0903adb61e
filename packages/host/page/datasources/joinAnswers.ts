import { type DataQueryResponse, LoadingState } from '@grafana/data';
import { type Observable, forkJoin, map, of } from 'rxjs';

/** One answer to a request from the answers to its targets: all data, all errors; done at once when nothing was asked. */
export function joinAnswers(asked: Array<Observable<DataQueryResponse>>): Observable<DataQueryResponse> {
  if (asked.length === 0) {
    return of({ data: [], state: LoadingState.Done });
  }
  return forkJoin(asked).pipe(
    map((answers) => {
      const errors = answers.flatMap(({ errors = [] }) => errors);
      return {
        data: answers.flatMap(({ data }) => data),
        state: errors.length > 0 ? LoadingState.Error : LoadingState.Done,
        errors,
      };
    })
  );
}
