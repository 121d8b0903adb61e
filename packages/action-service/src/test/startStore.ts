import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pino, type Logger } from 'pino';
import type { Pool } from 'pg';
import { migrate } from '../store/migrate.ts';
import { createPool } from '../store/pool.ts';
import { scratchFolder, waitUntil } from './startServer.ts';

const run = promisify(execFile);
const bin = '/usr/lib/postgresql/15/bin';

export type ScratchStore = {
  pool: Pool;
  databaseUrl: string;
  /** Stops and starts the cluster, as a store that is down does. */
  stopCluster: () => Promise<void>;
  startCluster: () => Promise<void>;
  stop: () => Promise<void>;
};

export const silentLog: Logger = pino({ level: 'silent' });

/** A PostgreSQL cluster of the test's own, reached over its unix socket and migrated. `durable`: fsync is on, as in production. */
export async function startStore({ durable = false } = {}): Promise<ScratchStore> {
  const folder = await scratchFolder('store');
  const asPostgres = await serverUser(folder.path);
  const data = join(folder.path, 'data');
  await run(...asPostgres([`${bin}/initdb`, '-D', data, '-U', 'postgres', '--auth=trust', '--no-sync']));
  let cluster: ChildProcess | null = null;
  const startCluster = async () => {
    const fsync = `fsync=${durable ? 'on' : 'off'}`;
    const settings = ['listen_addresses=', fsync, 'unix_socket_permissions=0777'].flatMap((one) => ['-c', one]);
    // The second setpriv, since a change of user takes the wish to die with the parent away. SIGQUIT: at once, with its children.
    const command = ['setpriv', '--pdeathsig', 'QUIT', `${bin}/postgres`, '-D', data, '-k', folder.path, ...settings];
    cluster = spawn(...asPostgres(command), { stdio: 'ignore' });
    const ready = () => run(`${bin}/pg_isready`, ['-h', folder.path]).then(() => true, () => false); // prettier-ignore
    await waitUntil(ready, 'the store to be ready');
  };
  const stopCluster = async () => {
    if (cluster && cluster.exitCode === null && cluster.signalCode === null) {
      const ended = once(cluster, 'exit');
      cluster.kill('SIGQUIT');
      await ended;
    }
  };
  await startCluster();
  const databaseUrl = `postgres://postgres@/postgres?host=${encodeURIComponent(folder.path)}`;
  const pool = createPool(databaseUrl, silentLog);
  await migrate(pool);
  return {
    pool,
    databaseUrl,
    startCluster,
    stopCluster,
    async stop() {
      await pool.end();
      await stopCluster().catch(() => {});
      await folder.remove();
    },
  };
}

/** PostgreSQL refuses to run as root: then it runs as `postgres`, and the folder is that user's. */
export async function serverUser(folder: string): Promise<(command: string[]) => [string, string[]]> {
  if (process.getuid?.() !== 0) {
    return ([program, ...rest]) => [program!, rest];
  }
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout))
  );
  await chown(folder, uid!, gid!);
  await chmod(folder, 0o755);
  return (command) => ['setpriv', ['--reuid=postgres', '--regid=postgres', '--init-groups', ...command]];
}
