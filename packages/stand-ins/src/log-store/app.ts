import Fastify, { LogController, type FastifyInstance } from 'fastify';
import { refuseForeignHosts } from '../http/refuseForeignHosts.ts';
import { DayFiles } from './dayFiles.ts';
import { addLabelRoutes } from './labelRoutes.ts';
import { LogQlError } from './logql/query.ts';
import { LogStore, type Limits } from './logStore.ts';
import type { QueryLimits } from './parameters.ts';
import { addPushRoute } from './pushRoute.ts';
import { addQueryRoutes } from './queryRoutes.ts';

/** The embedded log store: Loki's HTTP API for what DFR Ops asks (docs/logql.md). It keeps what it is told in `dir`. */
export async function buildLogStore(options: {
  dir: string;
  limits: Limits & QueryLimits;
  logger: boolean;
}): Promise<FastifyInstance> {
  const app = Fastify({
    logger: options.logger,
    // The shipper pushes every second: a line for each push would bury the log, and feed it.
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    bodyLimit: 16 * 1024 * 1024,
  });
  const store = new LogStore(options.limits);
  const files = new DayFiles(options.dir);
  const loaded = await files.load((labels, entry) => store.add(labels, entry));
  app.log.info({ ...loaded }, 'Log store in the place of Loki: lines kept from before were read');
  const timer = setInterval(() => {
    store.expire(Date.now());
    files.expire(new Date(Date.now() - options.limits.retentionMs));
  }, 10_000);
  timer.unref();
  app.addHook('onClose', async () => clearInterval(timer));
  refuseForeignHosts(app);
  answerErrorsAsLoki(app);
  addPushRoute(app, store, files, options.limits);
  addQueryRoutes(app, store, options.limits);
  addLabelRoutes(app, store);
  addStatusRoutes(app);
  return app;
}

/** Loki answers errors in plain text. */
function answerErrorsAsLoki(app: FastifyInstance): void {
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error instanceof LogQlError ? 400 : (error.statusCode ?? 500);
    void reply.code(status).type('text/plain; charset=utf-8').send(`${error.message}\n`);
  });
  app.setNotFoundHandler(({ method, url }, reply) => {
    const path = url.split('?')[0];
    void reply
      .code(404)
      .type('text/plain; charset=utf-8')
      .send(
        `${method} ${path} is not answered: this is the embedded log store, which stands in for Loki. docs/logql.md tells what it answers; with a real Loki on the PATH everything is.\n`
      );
  });
}

function addStatusRoutes(app: FastifyInstance): void {
  for (const path of ['/ready', '/healthz']) {
    app.get(path, async (_request, reply) => reply.type('text/plain; charset=utf-8').send('ready\n'));
  }
  app.get('/loki/api/v1/status/buildinfo', async () => ({
    version: 'dfr-ops-log-store',
    revision: '',
    branch: '',
    buildUser: '',
    buildDate: '',
    goVersion: '',
  }));
  // It has no ruler; log alerts come from Prometheus, which counts the same lines.
  const nothing = { errorType: '', error: '' };
  app.get('/prometheus/api/v1/rules', async () => ({ status: 'success', data: { groups: [] }, ...nothing }));
  app.get('/prometheus/api/v1/alerts', async () => ({ status: 'success', data: { alerts: [] }, ...nothing }));
}
