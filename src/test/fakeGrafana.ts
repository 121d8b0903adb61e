import { defer, type Observable } from 'rxjs';
import { setBackendSrv, type BackendSrv, type BackendSrvRequest, type FetchResponse } from '@grafana/runtime';

/** A request as it left the browser: path below the proxy, e.g. `act/runs`, its query, headers and body. */
export type SeenRequest = { method: string; path: string; query: URLSearchParams; headers: Record<string, string>; body: unknown };
export type Reply = { status: number; body: unknown; headers?: Record<string, string> };
type Handler = (request: SeenRequest) => Reply | Promise<Reply>;

/**
 * Grafana's proxy at the seam of its own fetch: handlers by "METHOD path", where `*` stands for one step of the path.
 * What no handler answers fails as a datasource whose service is down does.
 */
export class FakeGrafana {
  readonly seen: SeenRequest[] = [];
  private readonly handlers = new Map<string, Handler>();

  constructor() {
    setBackendSrv({ fetch: (request: BackendSrvRequest) => this.fetch(request) } as unknown as BackendSrv);
  }

  on(pattern: string, handler: Handler | Reply): this {
    this.handlers.set(pattern, typeof handler === 'function' ? handler : () => handler);
    return this;
  }

  /** Requests that fit "METHOD path". */
  requests(pattern: string): SeenRequest[] {
    return this.seen.filter((request) => fits(pattern, request));
  }

  private fetch(options: BackendSrvRequest): Observable<FetchResponse<unknown>> {
    return defer(async () => {
      const request = readRequest(options);
      this.seen.push(request);
      const [, handler] = [...this.handlers].reverse().find(([pattern]) => fits(pattern, request)) ?? [];
      const reply = handler ? await handler(request) : down;
      return respond(reply, options);
    });
  }
}

const down: Reply = { status: 502, body: { message: 'dfr-ops cannot be reached (ECONNREFUSED).' } };

export const ok = (body: unknown, headers?: Record<string, string>): Reply => ({ status: 200, body, headers });

function readRequest({ url, method = 'GET', headers = {}, data }: BackendSrvRequest): SeenRequest {
  const parsed = new URL(url, 'http://grafana.test');
  const path = parsed.pathname.replace(/^\/api\/datasources\/proxy\/uid\/[^/]+\//, '');
  return { method, path, query: parsed.searchParams, headers, body: data };
}

function fits(pattern: string, { method, path }: SeenRequest): boolean {
  const [wantedMethod, wantedPath] = pattern.split(' ');
  const expression = new RegExp(`^${wantedPath!.replaceAll('.', '\\.').replaceAll('*', '[^/]+')}$`);
  return method === wantedMethod && expression.test(path);
}

/** Like Grafana's fetch: every status that is not 2xx is thrown. */
function respond({ status, body, headers = {} }: Reply, config: BackendSrvRequest): FetchResponse<unknown> {
  if (status < 200 || status > 299) {
    throw { status, statusText: '', data: body, config };
  }
  return { status, statusText: '', ok: true, data: body, headers: new Headers(headers), redirected: false, type: 'basic', url: config.url, config } as FetchResponse<unknown>;
}
