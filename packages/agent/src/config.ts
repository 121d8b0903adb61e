import { z } from 'zod';
import { readEnvironment } from './readEnvironment.ts';

const absolute = z.string().regex(/^\//, 'must be an absolute path');

const Environment = z.object({
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
}

/** Logs that the agent puts aside when they outgrow the limit; null: somebody else does, as logrotate. */
export type LogLimit = { logs: string[]; bytes: number } | null;

export interface Config {
  socket: string;
  logLimit: LogLimit;
  nginx: NginxFiles;
}

/** Reads and checks the environment. Throws an Error whose message names every wrong variable in one line. */
export function readConfig(environment: Record<string, string | undefined> = process.env): Config {
  const env = readEnvironment(Environment, environment);
  return {
    socket: env.AGENT_SOCKET,
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
    },
  };
}
