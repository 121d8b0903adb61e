import type { BackendSrvRequest } from '@grafana/runtime';

/** The request's address on this host, with its parameters; a list repeats its name. */
export function toUrl({ url, params }: BackendSrvRequest): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) {
        search.append(name, String(one));
      }
    }
  }
  const local = /^(https?:)?\/\//.test(url) ? url : `/${url.replace(/^\/+/, '')}`;
  const query = search.toString();
  return query === '' ? local : `${local}${local.includes('?') ? '&' : '?'}${query}`;
}

export function toFetchInit({ method = 'GET', headers, data, credentials }: BackendSrvRequest): RequestInit {
  const sent = new Headers({ accept: 'application/json, text/plain, */*', 'x-grafana-org-id': '1', ...headers });
  const init: RequestInit = { method, headers: sent, credentials: credentials ?? 'same-origin' };
  if (method !== 'GET' && method !== 'HEAD' && data !== undefined && data !== null) {
    init.body = toBody(data, sent);
  }
  return init;
}

function toBody(data: unknown, headers: Headers): BodyInit {
  if (typeof data === 'string' || data instanceof Blob || data instanceof FormData || data instanceof ArrayBuffer) {
    return data;
  }
  if (data instanceof URLSearchParams || headers.get('content-type')?.includes('x-www-form-urlencoded')) {
    headers.set('content-type', 'application/x-www-form-urlencoded');
    return new URLSearchParams(data as Record<string, string>).toString();
  }
  if (!headers.has('content-type')) {
    headers.set('content-type', 'application/json');
  }
  return JSON.stringify(data);
}
