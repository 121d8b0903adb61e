import { AppEvents, type EventBus } from '@grafana/data';
import type { BackendSrv, BackendSrvRequest, FetchError, FetchResponse } from '@grafana/runtime';
import { Observable, lastValueFrom, map } from 'rxjs';
import { toFetchInit, toUrl } from './backendRequest';

/** How long a caller has to mark an error as handled before a toast shows it; Grafana's delay. */
const errorAlertDelayMs = 50;

/** Grafana's client for its own API, as far as plugins use it: same requests, same error shape, same toasts. */
export class HostBackendSrv implements BackendSrv {
  private readonly events: EventBus;
  private readonly inFlight = new Map<string, AbortController>();

  constructor(events: EventBus) {
    this.events = events;
  }

  fetch<T>(options: BackendSrvRequest): Observable<FetchResponse<T>> {
    return new Observable((subscriber) => {
      const abort = this.begin(options);
      let done = false;
      this.send<T>(options, abort.signal)
        .then((response) => {
          this.announceSuccess(options, response);
          subscriber.next(response);
          subscriber.complete();
        })
        .catch((error: FetchError) => {
          this.announceError(options, error);
          subscriber.error(error);
        })
        .finally(() => {
          done = true;
          this.end(options, abort);
        });
      return () => {
        if (!done) {
          abort.abort();
        }
      };
    });
  }

  chunked(options: BackendSrvRequest): Observable<FetchResponse<Uint8Array | undefined>> {
    return new Observable((subscriber) => {
      const abort = this.begin(options);
      this.readChunks(options, abort.signal, (chunk) => subscriber.next(chunk))
        .then(() => subscriber.complete())
        .catch((error: FetchError) => subscriber.error(error))
        .finally(() => this.end(options, abort));
      return () => abort.abort();
    });
  }

  request<T>(options: BackendSrvRequest): Promise<T> {
    return lastValueFrom(this.fetch<T>(options).pipe(map(({ data }) => data)));
  }

  datasourceRequest<T>(options: BackendSrvRequest): Promise<FetchResponse<T>> {
    return lastValueFrom(this.fetch<T>(options));
  }

  get<T>(
    url: string,
    params?: BackendSrvRequest['params'],
    requestId?: string,
    options?: Partial<BackendSrvRequest>
  ): Promise<T> {
    return this.request<T>({ ...options, method: 'GET', url, params, requestId });
  }

  post<T>(url: string, data?: unknown, options?: Partial<BackendSrvRequest>): Promise<T> {
    return this.request<T>({ ...options, method: 'POST', url, data });
  }

  put<T>(url: string, data?: unknown, options?: Partial<BackendSrvRequest>): Promise<T> {
    return this.request<T>({ ...options, method: 'PUT', url, data });
  }

  patch<T>(url: string, data?: unknown, options?: Partial<BackendSrvRequest>): Promise<T> {
    return this.request<T>({ ...options, method: 'PATCH', url, data });
  }

  delete<T>(url: string, data?: unknown, options?: Partial<BackendSrvRequest>): Promise<T> {
    return this.request<T>({ ...options, method: 'DELETE', url, data });
  }

  /** A request with the id of one under way takes its place. */
  private begin(options: BackendSrvRequest): AbortController {
    const abort = new AbortController();
    options.abortSignal?.addEventListener('abort', () => abort.abort(), { once: true });
    if (options.requestId) {
      this.inFlight.get(options.requestId)?.abort();
      this.inFlight.set(options.requestId, abort);
    }
    return abort;
  }

  private end(options: BackendSrvRequest, abort: AbortController): void {
    if (options.requestId && this.inFlight.get(options.requestId) === abort) {
      this.inFlight.delete(options.requestId);
    }
  }

  private async open(options: BackendSrvRequest, signal: AbortSignal): Promise<Response> {
    try {
      return await fetch(toUrl(options), { ...toFetchInit(options), signal });
    } catch (error) {
      throw signal.aborted ? cancelled(options) : unreachable(options, error as Error);
    }
  }

  private async send<T>(options: BackendSrvRequest, signal: AbortSignal): Promise<FetchResponse<T>> {
    const response = await this.open(options, signal);
    const data = (await readBody(response, options).catch((error: Error) => {
      throw signal.aborted ? cancelled(options) : unreachable(options, error);
    })) as T;
    if (!response.ok) {
      throw failed(options, response, data);
    }
    return described(options, response, data);
  }

  private async readChunks(
    options: BackendSrvRequest,
    signal: AbortSignal,
    next: (chunk: FetchResponse<Uint8Array | undefined>) => void
  ): Promise<void> {
    const response = await this.open(options, signal);
    if (!response.ok || !response.body) {
      throw failed(options, response, await readBody(response, options));
    }
    const reader = response.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      next(described(options, response, part.value));
    }
  }

  private announceSuccess(options: BackendSrvRequest, response: FetchResponse): void {
    const message = (response.data as { message?: string } | undefined)?.message;
    if (options.showSuccessAlert && message) {
      this.events.publish({ type: AppEvents.alertSuccess.name, payload: [message] });
    }
  }

  private announceError(options: BackendSrvRequest, error: FetchError): void {
    // Grafana shows its own API's errors unasked, a datasource's only where the caller wants it.
    const wanted = options.showErrorAlert ?? !options.url.includes('api/datasources/proxy/');
    if (!wanted || error.cancelled) {
      return;
    }
    setTimeout(() => {
      if (!error.isHandled) {
        this.events.publish({
          type: AppEvents.alertError.name,
          payload: [error.data?.message ?? error.statusText ?? 'Request failed', ''],
        });
      }
    }, errorAlertDelayMs);
  }
}

async function readBody(response: Response, { responseType }: BackendSrvRequest): Promise<unknown> {
  if (responseType === 'arraybuffer') {
    return response.arrayBuffer();
  }
  if (responseType === 'blob') {
    return response.blob();
  }
  const text = await response.text();
  if (responseType === 'text') {
    return text;
  }
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function described<T>(config: BackendSrvRequest, response: Response, data: T): FetchResponse<T> {
  const { ok, status, statusText, headers, redirected, type, url } = response;
  return { data, ok, status, statusText, headers, redirected, type, url, config };
}

function failed(config: BackendSrvRequest, { status, statusText }: Response, body: unknown): FetchError {
  const data =
    typeof body === 'object' && body !== null ? body : { message: String(body || statusText), error: statusText };
  return { status, statusText, data, config };
}

function cancelled(config: BackendSrvRequest): FetchError {
  return { status: -1, statusText: 'Request was aborted', data: null, cancelled: true, config };
}

function unreachable(config: BackendSrvRequest, error: Error): FetchError {
  const message = `The host does not answer: ${error.message}`;
  return { status: 0, statusText: message, message, data: { message }, config };
}
