import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { readEnvironment } from './readEnvironment.ts';

const absolute = z.string().regex(/^\//, 'must be an absolute path');
const pem = absolute.transform((path, context) => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    context.addIssue({ code: 'custom', message: `the file ${path} cannot be read (${(error as Error).message})` });
    return z.NEVER;
  }
});
const address = z
  .string()
  .regex(/^[\w.:[\]-]+:\d{1,5}$/, 'must be host:port, e.g. 10.0.0.5:9443')
  .transform((text) => {
    const colon = text.lastIndexOf(':');
    return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
  });
const addressList = z.string().transform((text) => text.split(',').flatMap((part) => part.trim() || []));

const Environment = z
  .object({
    AGENT_SOCKET: absolute,
    NGINX_BIN: absolute,
    NGINX_PREFIX: absolute,
    NGINX_CONF: absolute,
    NGINX_PID_FILE: absolute,
    NGINX_UPSTREAM_INCLUDE: absolute,
    NGINX_ERROR_LOG: absolute,
    TZ: z.string().optional(),
    AGENT_ACCESS_LOG: absolute.optional(),
    AGENT_LOG_LIMIT_MB: z.coerce.number().int().positive().optional(),
    NGINX_MAINTENANCE_FLAG: absolute.optional(),
    NGINX_LIMITS_FOLDER: absolute.optional(),
    NGINX_LIMIT_INCLUDE: absolute.optional(),
    NGINX_DENY_INCLUDE: absolute.optional(),
    NGINX_NEVER_BLOCK: addressList.default([]),
    AGENT_LISTEN: address.optional(),
    AGENT_TLS_CERT_FILE: pem.optional(),
    AGENT_TLS_KEY_FILE: pem.optional(),
    AGENT_TLS_CLIENT_CA_FILE: pem.optional(),
  })
  .superRefine((env, context) => {
    demandTogether(env, context, ['NGINX_LIMITS_FOLDER', 'NGINX_LIMIT_INCLUDE']);
    demandTogether(env, context, [
      'AGENT_LISTEN',
      'AGENT_TLS_CERT_FILE',
      'AGENT_TLS_KEY_FILE',
      'AGENT_TLS_CLIENT_CA_FILE',
    ]);
  });

/** What nginx is here: the only paths that the agent knows. No verb brings another. */
export interface NginxFiles {
  binary: string;
  prefix: string;
  conf: string;
  pidFile: string;
  upstreamInclude: string;
  errorLog: string;
  /** Time zone that a started nginx writes its logs in; undefined: the machine's. */
  timeZone: string | undefined;
  /** Null where nginx does not write one to a file that we know. */
  accessLog: string | null;
  /** While this file is there, nginx answers with the maintenance page. Null: this nginx has none. */
  maintenanceFlag: string | null;
  /** Folder of the prepared limits, and the file that holds the chosen one. */
  limits: { folder: string; include: string } | null;
  /** Include of nginx with the `deny` lines. */
  denyInclude: string | null;
  /** Addresses and networks that are never blocked: proxies before nginx, the administrators', the monitoring's. */
  neverBlock: string[];
}

/** Logs that the agent puts aside when they outgrow the limit; null: somebody else does, as logrotate. */
export type LogLimit = { logs: string[]; bytes: number } | null;

/** Where the agent answers over mutual TLS, with PEM texts. Whoever has a certificate of the client CA may ask for every verb. */
export interface TlsListen {
  host: string;
  port: number;
  cert: string;
  key: string;
  clientCa: string;
}

export interface Config {
  socket: string;
  /** Null: the socket is the only way. */
  tls: TlsListen | null;
  logLimit: LogLimit;
  nginx: NginxFiles;
}

/** Reads and checks the environment. Throws an Error whose message names every wrong variable in one line. */
export function readConfig(environment: Record<string, string | undefined> = process.env): Config {
  const filled = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const env = readEnvironment(Environment, filled);
  return {
    socket: env.AGENT_SOCKET,
    tls: tlsOf(env),
    logLimit: env.AGENT_LOG_LIMIT_MB
      ? {
          logs: [env.NGINX_ERROR_LOG, ...(env.AGENT_ACCESS_LOG ? [env.AGENT_ACCESS_LOG] : [])],
          bytes: env.AGENT_LOG_LIMIT_MB << 20,
        }
      : null,
    nginx: {
      binary: env.NGINX_BIN,
      prefix: env.NGINX_PREFIX,
      conf: env.NGINX_CONF,
      pidFile: env.NGINX_PID_FILE,
      upstreamInclude: env.NGINX_UPSTREAM_INCLUDE,
      errorLog: env.NGINX_ERROR_LOG,
      timeZone: env.TZ,
      accessLog: env.AGENT_ACCESS_LOG ?? null,
      maintenanceFlag: env.NGINX_MAINTENANCE_FLAG ?? null,
      limits:
        env.NGINX_LIMITS_FOLDER && env.NGINX_LIMIT_INCLUDE
          ? { folder: env.NGINX_LIMITS_FOLDER, include: env.NGINX_LIMIT_INCLUDE }
          : null,
      denyInclude: env.NGINX_DENY_INCLUDE ?? null,
      neverBlock: env.NGINX_NEVER_BLOCK,
    },
  };
}

function tlsOf(env: z.infer<typeof Environment>): TlsListen | null {
  const { AGENT_LISTEN: listen, AGENT_TLS_CERT_FILE: cert, AGENT_TLS_KEY_FILE: key } = env;
  const clientCa = env.AGENT_TLS_CLIENT_CA_FILE;
  return listen && cert && key && clientCa ? { ...listen, cert, key, clientCa } : null;
}

function demandTogether(env: Record<string, unknown>, context: z.RefinementCtx, names: string[]): void {
  const missing = names.filter((name) => env[name] === undefined);
  if (missing.length > 0 && missing.length < names.length) {
    missing.forEach((name) =>
      context.addIssue({ code: 'custom', path: [name], message: `is needed with ${names.join(', ')}` })
    );
  }
}
