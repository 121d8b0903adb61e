import { z } from 'zod';
import { listen, parseEnvironment } from '../config/fields.ts';

const Environment = z.object({
  LOG_STORE_LISTEN: listen,
  LOG_STORE_DIR: z.string(),
  LOG_STORE_RETENTION_MINUTES: z.coerce
    .number()
    .positive()
    .default(24 * 60),
  LOG_STORE_MAX_MEGABYTES: z.coerce.number().positive().default(64),
  /** Lines and hours that one query may ask for at most. */
  LOG_STORE_MAX_ENTRIES: z.coerce.number().int().positive().default(5000),
  LOG_STORE_MAX_QUERY_HOURS: z.coerce
    .number()
    .positive()
    .default(31 * 24),
});

export type Config = ReturnType<typeof readConfig>;

/** Reads the environment. @throws Error that names every wrong variable */
export function readConfig(environment: Record<string, string | undefined> = process.env) {
  const env = parseEnvironment(Environment, environment);
  return {
    listen: env.LOG_STORE_LISTEN,
    dir: env.LOG_STORE_DIR,
    limits: {
      retentionMs: env.LOG_STORE_RETENTION_MINUTES * 60_000,
      maxBytes: env.LOG_STORE_MAX_MEGABYTES * 1024 * 1024,
      maxEntries: env.LOG_STORE_MAX_ENTRIES,
      maxQueryMs: env.LOG_STORE_MAX_QUERY_HOURS * 3_600_000,
    },
  };
}
