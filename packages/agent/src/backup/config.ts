import { z } from 'zod';
import { readEnvironment } from '../readEnvironment.ts';

const absolute = z.string().regex(/^\//, 'must be an absolute path');
const seconds = z.coerce.number().int().positive();

const Environment = z.object({
  BACKUP_DATABASE_URL: z
    .string()
    .regex(
      /^postgres(ql)?:\/\/[^\s:@/]+@[^\s@]+\/[\w-]+(\?\S*)?$/,
      'must be postgres://role@host:port/database, without a password in it: that comes from PGPASSFILE'
    ),
  PGPASSFILE: absolute,
  BACKUP_FOLDER: absolute,
  BACKUP_STATUS_FILE: absolute,
  BACKUP_PG_BIN: absolute.optional(),
  PATH: z.string().default('/usr/bin:/bin'),
  BACKUP_KEEP: z.coerce.number().int().min(1).default(7),
  BACKUP_DEADLINE_SECONDS: seconds.default(6 * 3600),
  BACKUP_EVERY_SECONDS: seconds.default(24 * 3600),
  BACKUP_LISTEN: z
    .string()
    .regex(/^[\w.]+:\d{1,5}$/, 'must be host:port')
    .default('127.0.0.1:9901'),
  BACKUP_SOCKET: absolute.or(z.literal('')).optional(),
});

/** One database, and where its backups and the word of the last one are kept. */
export interface BackupPlan {
  databaseUrl: string;
  passFile: string;
  folder: string;
  /** Metrics of the last run, in Prometheus' text format. */
  statusFile: string;
  /** Folder of pg_dump and pg_restore; null: they are on the PATH. They must be as new as the server. */
  programs: string | null;
  path: string;
  /** So many of the newest are kept. */
  keep: number;
  /** A run that takes longer is ended. */
  deadlineMs: number;
}

export interface Config {
  plan: BackupPlan;
  everyMs: number;
  listen: { host: string; port: number };
  /** Where a backup may be asked for; null: nowhere. */
  socket: string | null;
}

/** Reads and checks the environment. Throws an Error whose message names every wrong variable in one line. */
export function readConfig(environment: Record<string, string | undefined> = process.env): Config {
  const env = readEnvironment(Environment, environment);
  const [host = '', port = ''] = env.BACKUP_LISTEN.split(':');
  return {
    plan: {
      databaseUrl: env.BACKUP_DATABASE_URL,
      passFile: env.PGPASSFILE,
      folder: env.BACKUP_FOLDER,
      statusFile: env.BACKUP_STATUS_FILE,
      programs: env.BACKUP_PG_BIN ?? null,
      path: env.PATH,
      keep: env.BACKUP_KEEP,
      deadlineMs: env.BACKUP_DEADLINE_SECONDS * 1000,
    },
    everyMs: env.BACKUP_EVERY_SECONDS * 1000,
    listen: { host, port: Number(port) },
    socket: env.BACKUP_SOCKET || null,
  };
}
