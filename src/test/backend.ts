import { of, throwError } from 'rxjs';
import { setBackendSrv, type BackendSrv, type BackendSrvRequest } from '@grafana/runtime';

/** What a test's Grafana answers: a body, or {@link failure}. Called anew for each request. */
export type Answer = (request: BackendSrvRequest) => unknown;

const failing = Symbol('failing');

/** An HTTP error as Grafana's backendSrv throws it. */
export function failure(status: number, data: unknown) {
  return { [failing]: { status, statusText: '', data, config: {} } };
}

/**
 * Puts a scripted backend under everything that asks Grafana. Keys are "METHOD path" with `*` for any run of characters,
 * the first that matches answers; every request is recorded. What no key matches fails with 404.
 */
export function scriptBackend(answers: Record<string, Answer>): BackendSrvRequest[] {
  const requests: BackendSrvRequest[] = [];
  const script = Object.entries(answers).map(([key, answer]) => ({ pattern: patternOf(key), answer }));
  const fetch = (request: BackendSrvRequest) => {
    requests.push(request);
    const line = `${request.method ?? 'GET'} ${request.url}`;
    const found = script.find(({ pattern }) => pattern.test(line));
    const data = found ? found.answer(request) : failure(404, { message: `the test answers nothing to ${line}` });
    if (data && typeof data === 'object' && failing in data) {
      return throwError(() => (data as Record<symbol, unknown>)[failing]);
    }
    return of({ data, status: 200, ok: true, headers: new Headers(), config: request, url: request.url });
  };
  setBackendSrv({ fetch } as unknown as BackendSrv);
  return requests;
}

function patternOf(key: string): RegExp {
  return new RegExp(
    `^${key
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`
  );
}
