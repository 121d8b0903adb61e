import { randomUUID } from 'node:crypto';
import fastify, { LogController, type FastifyBaseLogger } from 'fastify';
import compress from '@fastify/compress';
import swagger from '@fastify/swagger';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Deps } from './deps.ts';
import { actionsRoutes } from './http/actionsRoutes.ts';
import { alertsRoutes } from './http/alertsRoutes.ts';
import { annotationsRoutes } from './http/annotationsRoutes.ts';
import type { App } from './http/app.ts';
import { auditRoutes } from './http/auditRoutes.ts';
import { consoleRoutes } from './http/consoleRoutes.ts';
import { countRequests } from './http/countRequests.ts';
import { doctorRoutes, secretDoctorRoutes } from './http/doctorRoutes.ts';
import { answerUnreadable } from './http/answerUnreadable.ts';
import { answerError, answerProblems } from './http/errors.ts';
import { healthRoutes, processRoutes } from './http/healthRoutes.ts';
import { hooksRoutes } from './http/hooksRoutes.ts';
import { incidentsRoutes } from './http/incidentsRoutes.ts';
import { limitRequests } from './http/limitRequests.ts';
import { meRoutes } from './http/meRoutes.ts';
import { noticesRoutes } from './http/noticesRoutes.ts';
import { openapiOptions } from './http/openapiDocument.ts';
import { openapiRoutes } from './http/openapiRoutes.ts';
import { refuseUnstorable } from './http/refuseUnstorable.ts';
import { runsRoutes } from './http/runsRoutes.ts';
import { authenticate } from './identity/authenticate.ts';

const bodyLimitBytes = 256 * 1024;
const worthCompressingBytes = 2048;

/** Builds the HTTP server of the service over `deps`; it neither listens nor starts anything. */
export async function buildApp(deps: Deps): Promise<App> {
  const app = fastify({
    loggerInstance: deps.log as FastifyBaseLogger,
    bodyLimit: bodyLimitBytes,
    genReqId: () => randomUUID(),
    // A client that sends its request drop by drop holds a connection for no longer than this.
    requestTimeout: 30_000,
    frameworkErrors: answerError,
    clientErrorHandler: answerUnreadable,
    // Requests are counted in the metrics; one line for each would drown what the log is read for.
    logController: new LogController({ disableRequestLogging: true }),
    // Requests that are being answered are answered to their end; event streams end by themselves, see runEventsRoutes.ts.
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
  }).withTypeProvider<ZodTypeProvider>();
  app.removeContentTypeParser('text/plain');
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  answerProblems(app);
  countRequests(app, deps.metrics);
  refuseUnstorable(app);
  await app.register(compress, { encodings: ['gzip'], threshold: worthCompressingBytes, zlibOptions: { level: 1 } });
  await app.register(swagger, openapiOptions);
  await app.register((scope) => processRoutes(scope.withTypeProvider<ZodTypeProvider>(), deps));
  await app.register((scope) => openapiRoutes(scope.withTypeProvider<ZodTypeProvider>()));
  await app.register((scope) => hooksRoutes(scope.withTypeProvider<ZodTypeProvider>(), deps));
  await app.register((scope) => consoleRoutes(scope.withTypeProvider<ZodTypeProvider>(), deps));
  await app.register((scope) => secretDoctorRoutes(scope.withTypeProvider<ZodTypeProvider>(), deps));
  await app.register(async (scope) => api(scope.withTypeProvider<ZodTypeProvider>(), deps), { prefix: '/api/v1' });
  return app;
}

async function api(app: App, deps: Deps): Promise<void> {
  authenticate(app, deps);
  await limitRequests(app);
  const parts = [
    alertsRoutes,
    incidentsRoutes,
    noticesRoutes,
    annotationsRoutes,
    actionsRoutes,
    runsRoutes,
    auditRoutes,
    doctorRoutes,
    healthRoutes,
    meRoutes,
  ];
  for (const part of parts) {
    await app.register((scope) => part(scope.withTypeProvider<ZodTypeProvider>(), deps));
  }
}
