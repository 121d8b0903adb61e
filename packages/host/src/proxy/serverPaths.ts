import type { Datasource, DatasourceType } from '../datasources/datasource.ts';
import { cleanPath } from './cleanPath.ts';
import type { Decision } from './routeMatch.ts';

/** What may be asked of the servers that have no routes of their own: queries, never their administration. */
const readPaths: Record<Exclude<DatasourceType, 'dfr-ops-datasource'>, { get: RegExp; post: RegExp | null }> = {
  prometheus: {
    get: /^api\/v1\/(query|query_range|query_exemplars|series|labels|label\/[^/]+\/values|rules|alerts|targets|metadata|status\/(buildinfo|runtimeinfo))$/,
    post: /^api\/v1\/(query|query_range|query_exemplars|series|labels)$/,
  },
  loki: {
    get: /^(ready|loki\/api\/v1\/(query|query_range|series|labels|label\/[^/]+\/values|index\/(stats|volume|volume_range)|rules|status\/buildinfo))$/,
    post: null,
  },
  alertmanager: { get: /^api\/v2\/(alerts|alerts\/groups|silences|silence\/[^/]+|receivers|status)$/, post: null },
};

/** Grafana's own datasources: their queries pass with the datasource's basic authentication. */
export function decideServerPath(datasource: Datasource, request: { method: string; path: string }): Decision {
  const path = cleanPath(request.path);
  const allowed = datasource.type === 'dfr-ops-datasource' ? undefined : readPaths[datasource.type];
  const pattern = request.method === 'GET' ? allowed?.get : request.method === 'POST' ? allowed?.post : null;
  if (path === null || !pattern?.test(path)) {
    return {
      ok: false,
      status: 403,
      message: `${request.method} ${path ?? 'of this path'} is not a query; the stand-in host passes queries only.`,
    };
  }
  if (datasource.url === '') {
    return { ok: false, status: 500, message: `The datasource ${datasource.name} has no url.` };
  }
  const headers: Record<string, string> = {};
  if (datasource.basicAuth) {
    const password = datasource.secureJsonData.basicAuthPassword ?? '';
    headers.authorization = `Basic ${Buffer.from(`${datasource.basicAuthUser}:${password}`).toString('base64')}`;
  }
  return { ok: true, url: new URL(`${datasource.url}/${path}`), headers };
}
