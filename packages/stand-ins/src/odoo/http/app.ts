import fastify, { LogController, type FastifyInstance } from 'fastify';
import { messageOf } from '../odooLog.ts';
import { dispatch, RpcRequest, type RpcContext } from '../rpc/dispatch.ts';
import { rpcErrorOf } from '../rpc/odooError.ts';
import { loginPage } from './loginPage.ts';

/**
 * What DFR Ops and its probes ask of Odoo 18 over HTTP. No check of the Host header: Odoo has none, it stands behind
 * Nginx under any name, and whatever is worth reading asks for a password.
 */
export function buildApp(context: RpcContext): FastifyInstance {
  const app = fastify({
    logger: false,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 1024 * 1024,
    forceCloseConnections: true,
  });
  const { connections, log } = context;
  app.addHook('onResponse', async (request, reply) => {
    const { method, url, ip } = request;
    log.request({ address: ip, method, url, status: reply.statusCode, seconds: reply.elapsedTime / 1000 });
  });
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get<{ Querystring: { db_server_status?: string } }>('/web/health', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    if (!request.query.db_server_status) {
      return { status: 'pass' };
    }
    try {
      await connections.query('SELECT 1');
      return { status: 'pass', db_server_status: true };
    } catch (error) {
      log.line('INFO', 'odoo.sql_db', `Connection to the database failed: ${messageOf(error)}`);
      return reply.code(500).send({ status: 'fail', db_server_status: false });
    }
  });
  app.get('/websocket/health', async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'pass' })
  );
  app.get('/', (_request, reply) => reply.redirect('/web/login', 303));
  app.get('/web', (_request, reply) => reply.redirect('/web/login', 303));
  app.get('/web/login', async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(await loginPage(connections))
  );
  app.post('/jsonrpc', async (request, reply) => {
    const parsed = RpcRequest.safeParse(request.body);
    if (!parsed.success) {
      return reply.code(400).type('text/html').send('<title>400 Bad Request</title><p>Invalid JSON-RPC data</p>\n');
    }
    return answerRpc(context, parsed.data.id ?? null, parsed.data.params);
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).type('text/html').send('<title>404 Not Found</title>\n'));
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) {
      log.exception('odoo.http', 'Exception during request handling.', error);
    }
    return reply
      .code(status)
      .type('text/html')
      .send(`<title>${status}</title><h1>${status === 500 ? 'Internal Server Error' : 'Bad Request'}</h1>\n`);
  });
  return app;
}

/** Errors come with HTTP 200 and `error`; what returns None has no `result`. */
async function answerRpc(context: RpcContext, id: string | number | null, params: RpcRequestParams) {
  const head = { jsonrpc: '2.0', id };
  try {
    const result = await dispatch(context, params);
    return result === null ? head : { ...head, result };
  } catch (error) {
    const { data, ...rest } = rpcErrorOf(error);
    if (data.name.startsWith('odoo.exceptions.')) {
      context.log.line('WARNING', 'odoo.http', `${data.message}`.replaceAll('\n', ' '));
    } else {
      context.log.exception('odoo.http', 'Exception during request handling.', error);
    }
    return { ...head, error: { ...rest, data } };
  }
}

type RpcRequestParams = Parameters<typeof dispatch>[1];
