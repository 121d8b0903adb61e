import path from 'node:path';
import cookie from '@fastify/cookie';
import fastifyStatic from '@fastify/static';
import Fastify, { type FastifyInstance, type FastifyRequest, LogController } from 'fastify';
import { linkAccess } from './access/linkAccess.ts';
import { sameSiteCheck } from './access/sameSite.ts';
import type { User } from './access/users.ts';
import { LoginEvents } from './breakGlass/loginEvents.ts';
import { passwordAccess } from './breakGlass/passwordAccess.ts';
import { readBundle } from './bundle/builtPlugins.ts';
import { pluginAssets } from './bundle/pluginAssets.ts';
import type { HostConfig } from './config.ts';
import { dashboardRoutes } from './dashboards/dashboardRoutes.ts';
import { grafanaApi } from './grafanaApi.ts';
import { IdentityTokens } from './identity/identityTokens.ts';
import { SigningKeys } from './identity/signingKeys.ts';
import { icons } from './page/icons.ts';
import { pageRoutes } from './page/pageRoutes.ts';
import { datasourceProxy } from './proxy/datasourceProxy.ts';

export interface AppOptions {
  /** The clock, in ms. */
  now?: () => number;
  /** How long the proxy waits for an answer to begin; Grafana's 30 s. */
  headersTimeoutMs?: number;
  log?: boolean;
}

/** Assembles the host. Throws with a one-line message when the bundle or the page is not built. */
export async function buildApp(
  config: HostConfig,
  { now = Date.now, headersTimeoutMs = 30_000, log = false }: AppOptions = {}
): Promise<FastifyInstance> {
  const bundle = readBundle(config.bundleDir);
  const keys = await SigningKeys.open(config.dataDir, now);
  const identity = new IdentityTokens(keys, config.publicUrl, config.audience, now);

  const app = Fastify({
    logger: log,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
  });
  const events =
    config.access === 'password'
      ? await LoginEvents.open(config.dataDir, config.datasources, (message) => app.log.info(message), now)
      : null;
  app.addHook('onClose', () => events?.close());
  const access = events ? passwordAccess(config, events, now) : linkAccess(config, now);
  app.addHook('onRequest', sameSiteCheck(config));
  app.addHook('onSend', async (_request, reply) => {
    reply
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'same-origin')
      .header('x-frame-options', 'DENY');
  });
  await app.register(cookie);
  await app.register(fastifyStatic, {
    root: path.join(config.pageDir, 'assets'),
    prefix: '/public/host/',
    immutable: true,
    maxAge: '1y',
    preCompressed: true,
  });

  app.get('/healthz', async () => ({ ok: true }));
  app.get('/api/signing-keys/keys', async (_request, reply) => {
    if (access.passwordIsSet) {
      // The service's doctor reads the keys anyway, and warns while nobody could log in.
      reply.header('x-dfr-ops-console-password', (await access.passwordIsSet()) ? 'set' : 'unset');
    }
    return reply.header('cache-control', 'public, max-age=3600').send(keys.jwks());
  });
  await app.register(async (scope) => access.addRoutes(scope));
  icons(app);
  pluginAssets(app, bundle);
  pageRoutes(app, config, bundle, access);

  await app.register(async (inside) => {
    inside.addHook('onRequest', async (request, reply) => {
      if (!access.userOf(request)) {
        return reply.code(401).send({ message: 'You are not logged in, or no longer. Reload the page.' });
      }
      return undefined;
    });
    const userOf = (request: FastifyRequest): User => access.userOf(request) as User;
    dashboardRoutes(inside, config.dashboardsDir);
    grafanaApi(inside, config, bundle, userOf);
    const routesOf = (type: string) => bundle.plugins.find(({ json }) => json.id === type)?.json.routes ?? [];
    await inside.register(datasourceProxy, {
      datasources: config.datasources,
      routesOf,
      userOf,
      identity,
      headersTimeoutMs,
    });
  });
  return app;
}
