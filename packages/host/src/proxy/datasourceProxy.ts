import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Agent } from 'undici';
import type { User } from '../access/users.ts';
import type { Datasource } from '../datasources/datasource.ts';
import type { IdentityTokens } from '../identity/identityTokens.ts';
import { forward } from './forward.ts';
import { type Decision, type PluginRoute, decideRoute } from './routeMatch.ts';
import { decideServerPath } from './serverPaths.ts';

export interface ProxyOptions {
  datasources: Datasource[];
  /** `routes` of a datasource plugin's plugin.json. */
  routesOf: (type: string) => PluginRoute[];
  userOf: (request: FastifyRequest) => User;
  identity: IdentityTokens;
  headersTimeoutMs: number;
}

/** `/api/datasources/proxy/uid/:uid/*`: decides by the plugin's routes and streams. Bodies are not read here. */
export async function datasourceProxy(app: FastifyInstance, options: ProxyOptions): Promise<void> {
  const dispatcher = new Agent({ connections: 64, connect: { timeout: 10_000 } });
  app.addHook('onClose', () => dispatcher.destroy());
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

  app.route<{ Params: { uid: string } }>({
    method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: '/api/datasources/proxy/uid/:uid/*',
    handler: async (request, reply) => {
      const datasource = options.datasources.find(({ uid }) => uid === request.params.uid);
      if (!datasource) {
        return reply.code(404).send({ message: `There is no datasource "${request.params.uid}".` });
      }
      const user = options.userOf(request);
      const { path, query } = proxied(request);
      const decision = decide(datasource, options, { method: request.method, path, role: user.role });
      if (!decision.ok) {
        return reply
          .code(decision.status)
          .header('content-security-policy', 'sandbox')
          .send({ message: decision.message });
      }
      decision.url.search = [decision.url.search.slice(1), query].filter(Boolean).join('&');
      const headers = { ...decision.headers, 'x-grafana-id': await options.identity.tokenFor(user) };
      reply.hijack();
      return forward(request.raw, reply.raw, {
        url: decision.url,
        headers,
        dispatcher,
        headersTimeoutMs: options.headersTimeoutMs,
      });
    },
  });
}

function decide(
  datasource: Datasource,
  options: ProxyOptions,
  request: { method: string; path: string; role: User['role'] }
): Decision {
  if (datasource.type !== 'dfr-ops-datasource') {
    return decideServerPath(datasource, request);
  }
  const data = { JsonData: datasource.jsonData, SecureJsonData: datasource.secureJsonData, URL: datasource.url };
  return decideRoute(options.routesOf(datasource.type), data, request);
}

/** Path and query as the browser wrote them: Fastify's own parameter is decoded already. */
function proxied(request: FastifyRequest): { path: string; query: string } {
  const raw = request.raw.url ?? '';
  const mark = raw.indexOf('?');
  const whole = mark < 0 ? raw : raw.slice(0, mark);
  return { path: whole.split('/').slice(6).join('/'), query: mark < 0 ? '' : raw.slice(mark + 1) };
}
