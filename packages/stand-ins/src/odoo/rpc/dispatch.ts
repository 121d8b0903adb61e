import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Connections } from '../database/connections.ts';
import type { OdooLog } from '../odooLog.ts';
import { commonMethods, modelMethods } from './methods.ts';
import { modelModules, models } from './models.ts';
import { accessDenied, OdooError, userError, valueError } from './odooError.ts';

export const RpcRequest = z.looseObject({
  id: z.union([z.number(), z.string(), z.null()]).optional(),
  params: z.looseObject({ service: z.string(), method: z.string(), args: z.array(z.unknown()) }),
});
export type RpcParams = z.infer<typeof RpcRequest>['params'];

export interface RpcContext {
  connections: Connections;
  log: OdooLog;
  database: string;
  admin: { login: string; password: string };
}

const Authenticate = z.tuple([z.string(), z.string(), z.string()]).rest(z.unknown());
const ExecuteKw = z
  .tuple([z.string(), z.number().int(), z.string(), z.string(), z.string(), z.array(z.unknown())])
  .rest(z.unknown());

/** Answers a call of `common` or `object`, as /jsonrpc of Odoo 18 does; `null` is Python's None. Throws what Odoo would raise. */
export async function dispatch(context: RpcContext, { service, method, args }: RpcParams): Promise<unknown> {
  if (service === 'common' && method === 'version') {
    return {
      server_version: '18.0',
      server_version_info: [18, 0, 0, 'final', 0, ''],
      server_serie: '18.0',
      protocol_version: 1,
    };
  }
  if (service === 'common' && (method === 'authenticate' || method === 'login')) {
    const [database, login, password] = read(Authenticate, args);
    return (await authenticate(context, database, login, password)) ?? false;
  }
  if (service === 'object' && method === 'execute_kw') {
    return execute(context, read(ExecuteKw, args));
  }
  throw new OdooError('builtins.AttributeError', `The stand-in knows no ${service}.${method}`);
}

/** The user's id; null when login or password is wrong. Only the administrator has a password here. */
async function authenticate(
  context: RpcContext,
  database: string,
  login: string,
  password: string
): Promise<number | null> {
  if (database !== context.database) {
    throw new OdooError('psycopg2.OperationalError', `FATAL:  database "${database}" does not exist`);
  }
  if (login !== context.admin.login || !same(password, context.admin.password)) {
    context.log.line(
      'INFO',
      'odoo.addons.base.models.res_users',
      `Login failed for db:${database} login:${JSON.stringify(login)} from 127.0.0.1`
    );
    return null;
  }
  const [user] = await context.connections.query<{ id: number }>(
    'SELECT id FROM res_users WHERE login = $1 AND active',
    [login]
  );
  return user?.id ?? null;
}

async function execute(context: RpcContext, call: z.infer<typeof ExecuteKw>): Promise<unknown> {
  const [database, uid, password, modelName, methodName, args, kwargs] = call;
  if ((await authenticate(context, database, context.admin.login, password)) !== uid) {
    throw accessDenied();
  }
  const model = Object.hasOwn(models, modelName) ? models[modelName] : undefined;
  if (!model || !(await installed(context, modelModules[modelName]))) {
    throw userError(`Object ${modelName} doesn't exist`);
  }
  if (methodName.startsWith('_')) {
    throw new OdooError(
      'odoo.exceptions.AccessError',
      `Private methods (such as '${modelName}.${methodName}') cannot be called remotely.`
    );
  }
  const own = modelMethods[modelName] ?? {};
  const method = [own, commonMethods].find((methods) => Object.hasOwn(methods, methodName))?.[methodName];
  if (!method) {
    throw new OdooError('builtins.AttributeError', `The method '${modelName}.${methodName}' does not exist`);
  }
  return method({ ...context, uid, model, args, kwargs: read(z.record(z.string(), z.unknown()).default({}), kwargs) });
}

async function installed({ connections }: RpcContext, module: string | undefined): Promise<boolean> {
  const found = module
    ? await connections.query("SELECT FROM ir_module_module WHERE name = $1 AND state = 'installed'", [module])
    : [];
  return module === undefined || found.length > 0;
}

function read<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    throw valueError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  }
  return parsed.data;
}

function same(given: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(right));
}
