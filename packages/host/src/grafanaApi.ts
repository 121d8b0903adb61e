import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { User } from './access/users.ts';
import type { Bundle } from './bundle/builtPlugins.ts';
import { pluginSettings } from './bundle/pluginMeta.ts';
import type { HostConfig } from './config.ts';
import { frontendSettings, instanceSettings } from './page/bootData.ts';

/** The few endpoints of Grafana's that a plugin bundle reads, beside dashboards and the datasource proxy. */
export function grafanaApi(
  app: FastifyInstance,
  config: HostConfig,
  bundle: Bundle,
  userOf: (request: FastifyRequest) => User
): void {
  app.get('/api/frontend/settings', async () => frontendSettings(config, bundle));

  app.get('/api/user', async (request) => {
    const { id, login, name, email, role } = userOf(request);
    return { id, login, name, email, orgId: 1, orgRole: role, isGrafanaAdmin: false };
  });

  app.get<{ Params: { id: string } }>('/api/plugins/:id/settings', async (request, reply) => {
    const settings = pluginSettings(bundle, request.params.id);
    return settings ?? reply.code(404).send({ message: 'Plugin not found, no installed plugin with that id' });
  });

  app.get<{ Params: { uid: string } }>('/api/datasources/uid/:uid', async (request, reply) => {
    const index = config.datasources.findIndex(({ uid }) => uid === request.params.uid);
    const datasource = config.datasources[index];
    if (!datasource) {
      return reply.code(404).send({ message: 'Data source not found' });
    }
    const secureJsonFields = Object.fromEntries(Object.keys(datasource.secureJsonData).map((key) => [key, true]));
    return { ...instanceSettings(datasource, index + 1, bundle), orgId: 1, secureJsonFields };
  });
}
