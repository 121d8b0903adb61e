import type { FastifyInstance } from 'fastify';
import { readDashboards } from './dashboardFiles.ts';

/** `GET /api/dashboards/uid/:uid` and `GET /api/search`, in Grafana's form. */
export function dashboardRoutes(app: FastifyInstance, folder: string): void {
  app.get<{ Params: { uid: string } }>('/api/dashboards/uid/:uid', async (request, reply) => {
    const dashboard = (await readDashboards(folder)).find(({ uid }) => uid === request.params.uid);
    if (!dashboard) {
      return reply.code(404).send({ message: 'Dashboard not found', status: 'not-found' });
    }
    return {
      meta: { type: 'db', canSave: false, canEdit: false, provisioned: true, slug: '', url: `/d/${dashboard.uid}` },
      dashboard,
    };
  });

  app.get<{ Querystring: { query?: string; tag?: string | string[]; dashboardUIDs?: string | string[] } }>(
    '/api/search',
    async (request) => {
      const { query = '', tag, dashboardUIDs } = request.query;
      const dashboards = await readDashboards(folder);
      return dashboards
        .filter(({ title }) => title.toLowerCase().includes(query.toLowerCase()))
        .filter(({ tags = [] }) => many(tag).every((wanted) => tags.includes(wanted)))
        .filter(({ uid }) => dashboardUIDs === undefined || many(dashboardUIDs).includes(uid))
        .map(({ uid, title, tags = [] }, index) => ({
          id: index + 1,
          uid,
          title,
          tags,
          type: 'dash-db',
          url: `/d/${uid}`,
          uri: `db/${uid}`,
        }));
    }
  );
}

const many = (value: string | string[] | undefined): string[] => (value === undefined ? [] : [value].flat());
