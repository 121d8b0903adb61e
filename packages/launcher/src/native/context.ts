import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ManagedProcess, type ProcessSpec } from '../process/managedProcess.ts';
import type { Reaper } from '../process/reaperClient.ts';
import type { Values } from '../provision/values.ts';
import type { Programs } from './binaries.ts';
import type { DataFolders } from './dataFolders.ts';
import type { Page } from './page.ts';
import type { Ports } from './ports.ts';
import type { Secrets } from './secrets.ts';
import type { Supervisor } from './supervisor.ts';

export const repoRoot = join(dirname(fileURLToPath(import.meta.url)), '../../../..');

/** What every part of native mode is built from. */
export type Context = {
  folders: DataFolders;
  ports: Ports;
  secrets: Secrets;
  programs: Programs;
  reaper: Reaper;
  supervisor: Supervisor;
  values: Values;
  page: Page;
};

export const local = (port: number): string => `127.0.0.1:${port}`;
export const localUrl = (port: number): string => `http://127.0.0.1:${port}`;

/** A rendered configuration file. */
export function rendered(context: Pick<Context, 'folders'>, path: string): string {
  return join(context.folders.config, path);
}

export function logFileOf(context: Pick<Context, 'folders'>, name: string): string {
  return join(context.folders.logs, `${name}.log`);
}

/** A process of this stack, watched by the supervisor. `stage`: those of a lower one are stopped first. */
export function newProcess(context: Context, spec: Omit<ProcessSpec, 'logFile'>, stage: number): ManagedProcess {
  const child = new ManagedProcess({ ...spec, logFile: logFileOf(context, spec.name) }, context.reaper);
  context.supervisor.add(child, stage);
  return child;
}

/** One of our own TypeScript programs, run by this Node. */
export function newNodeProcess(
  context: Context,
  name: string,
  main: string,
  env: Record<string, string>,
  options: { stage: number; restart?: 'backoff' | 'none' }
): ManagedProcess {
  return newProcess(
    context,
    {
      name,
      command: process.execPath,
      args: [join(repoRoot, main)],
      env: { NODE_ENV: 'production', ...env },
      cwd: repoRoot,
      restart: options.restart ?? 'backoff',
    },
    options.stage
  );
}
