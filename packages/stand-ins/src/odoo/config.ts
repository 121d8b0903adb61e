import { z } from 'zod';
import { listen, parseEnvironment, secretFile } from '../config/fields.ts';

const Environment = z.object({
  ODOO_LISTEN: listen,
  ODOO_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  ODOO_PASSWORD_FILE: secretFile,
  ODOO_ADMIN_LOGIN: z.string().default('admin'),
  ODOO_ADMIN_PASSWORD_FILE: secretFile,
  ODOO_DB_POOL: z.coerce.number().int().min(1).max(100).default(4),
  ODOO_WORKERS: z.coerce.number().int().min(0).max(32).default(0),
  ODOO_CRON_SECONDS: z.coerce.number().min(0.1).max(3600).default(60),
});

export type Config = ReturnType<typeof readConfig>;

export function readConfig(environment: Record<string, string | undefined> = process.env) {
  const env = parseEnvironment(Environment, environment);
  const database = new URL(env.ODOO_DATABASE_URL);
  database.password = encodeURIComponent(env.ODOO_PASSWORD_FILE);
  return {
    listen: env.ODOO_LISTEN,
    /** With its password. */
    databaseUrl: database.href,
    /** Name of the database, as Odoo's log lines and JSON-RPC bear it. */
    databaseName: decodeURIComponent(database.pathname.slice(1)),
    admin: { login: env.ODOO_ADMIN_LOGIN, password: env.ODOO_ADMIN_PASSWORD_FILE },
    /** Connections of all its processes together, roughly. */
    poolSize: env.ODOO_DB_POOL,
    /** Processes that answer requests; 0: the one process does everything. */
    workers: env.ODOO_WORKERS,
    /** How often it looks for crons that are due. */
    cronSeconds: env.ODOO_CRON_SECONDS,
  };
}
