import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { defaultDataDir } from './native/dataFolders.ts';
import { StartProblem } from './problem.ts';
import { isAlive } from './process/identity.ts';

const Identity = z.object({ pid: z.number().int(), startTime: z.number() });
/** `user` with the password that stands in `passwordFile`. */
const Credentials = z.object({ user: z.string(), passwordFile: z.string() });
const Database = z.object({ host: z.string(), port: z.number().int(), database: z.string(), ...Credentials.shape });

/**
 * `<data>/stack.json` (0600): where everything of a running stack is. Drills, the doctor and the tests read it.
 * Addresses are root URLs without a slash at the end; secrets are files, never values.
 */
export const StackFile = z.object({
  version: z.literal(2),
  mode: z.enum(['native', 'compose']),
  startedAt: z.string(),
  /** When every part was up; null while starting. */
  readyAt: z.string().nullable(),
  demonstration: z.boolean(),
  dataDir: z.string(),
  launcher: Identity,
  /** What draws the bundle at addresses.host. */
  page: z.enum(['host', 'grafana']),
  addresses: z.object({
    host: z.string(),
    actionService: z.string(),
    prometheus: z.string(),
    alertmanager: z.string(),
    logStore: z.string(),
    odoo: z.string(),
    nginx: z.string(),
    nginxStatus: z.string(),
    mailSink: z.string(),
    smsSink: z.string(),
    /** host:port of the mail sink's SMTP. */
    smtp: z.string(),
  }),
  sockets: z.object({ docker: z.string(), agent: z.string() }),
  credentials: z.object({
    prometheus: Credentials,
    alertmanager: Credentials,
    /** Odoo's administrator, as Odoo's RPC knows it. */
    odooAdmin: Credentials,
    hostSecretFile: z.string(),
    /** Grafana's people by login; null at the stand-in host. */
    people: z.record(z.string(), Credentials).nullable(),
    serviceSecretFile: z.string(),
    webhookTokenFile: z.string(),
    smsTokenFile: z.string(),
  }),
  databases: z.object({
    /** DFR's, as Odoo's own role. */
    odoo: Database,
    /** DFR's, as its superuser; the tests' independent eye. */
    superuser: Database,
    /** The action service's own store. */
    service: Database,
    /** The same as the owner of its tables. */
    serviceOwner: Database.optional(),
  }),
  nginx: z.object({
    binary: z.string(),
    prefix: z.string(),
    conf: z.string(),
    pidFile: z.string(),
    upstreamInclude: z.string(),
  }),
  parts: z.array(
    z.object({
      name: z.string(),
      /** Null while it does not run. */
      process: Identity.nullable(),
      logFile: z.string(),
      /** Name under which the Docker calls know it; null when they do not. */
      container: z.string().nullable(),
    })
  ),
});
export type StackFile = z.infer<typeof StackFile>;

export function writeStackFile(path: string, stack: StackFile): void {
  const next = `${path}.next`;
  writeFileSync(next, JSON.stringify(stack, null, 2) + '\n', { mode: 0o600 });
  renameSync(next, path);
}

/** Reads the stack that runs on a data folder; says what to do when none does. */
export function readStackFile(dataDir: string = process.env['DFR_OPS_DATA'] ?? defaultDataDir()): StackFile {
  const path = join(resolve(dataDir), 'stack.json');
  const start = 'Start one with `npm start` (the same --data DIR here and there).';
  if (!existsSync(path)) {
    throw new StartProblem('stack', `no stack is running on ${dataDir}: ${path} is not there`, start);
  }
  const read = StackFile.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!read.success) {
    throw new StartProblem(
      'stack',
      `${path} was written by another version`,
      'Stop that stack and start it again with `npm start`.'
    );
  }
  if (!isAlive(read.data.launcher)) {
    throw new StartProblem(
      'stack',
      `the stack on ${dataDir} has ended (its launcher, process ${read.data.launcher.pid}, is gone)`,
      start
    );
  }
  return read.data;
}

export function readSecret(path: string): string {
  return readFileSync(path, 'utf8').trim();
}
