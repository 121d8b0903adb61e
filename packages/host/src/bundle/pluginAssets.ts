import type { FastifyInstance } from 'fastify';
import type { Bundle } from './builtPlugins.ts';

/** `/public/plugins/<id>/*`, each plugin from its own folder, nested ones too, as Grafana does. */
export function pluginAssets(app: FastifyInstance, bundle: Bundle): void {
  app.get<{ Params: { id: string; '*': string } }>('/public/plugins/:id/*', async (request, reply) => {
    const plugin = bundle.plugins.find(({ json }) => json.id === request.params.id);
    if (!plugin) {
      return reply.code(404).send({ message: `There is no plugin "${request.params.id}".` });
    }
    // A new build keeps the names: the browser asks each time and is answered 304.
    return reply.sendFile(request.params['*'], plugin.folder, { cacheControl: false });
  });
}
