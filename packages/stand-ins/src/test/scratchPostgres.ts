import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, globSync, mkdtempSync, chmodSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from './freePort.ts';
import { until } from './standInProcess.ts';

const run = promisify(execFile);

/** A real PostgreSQL on a free loopback port, with a role `odoo` (no superuser) that owns the database `dfr`. */
export interface ScratchPostgres {
  /** As role odoo, without a password: the cluster trusts this machine. */
  url: string;
  /** A connection as superuser. */
  connectAsSuperuser(): Promise<pg.Client>;
  start(): Promise<void>;
  /** Ends it at once, as a crash would. */
  stop(): Promise<void>;
  remove(): Promise<void>;
}

export async function makeScratchPostgres(maxConnections: number): Promise<ScratchPostgres> {
  const programs = globSync('/usr/lib/postgresql/*/bin').sort().at(-1);
  if (!programs) {
    throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  }
  const folder = mkdtempSync(join(tmpdir(), 'dfr-stand-ins-pg-'));
  ownByPostgres(folder);
  const port = await freePort();
  await run(
    ...asPostgres(
      join(programs, 'initdb'),
      '-D',
      `${folder}/cluster`,
      '-U',
      'postgres',
      '-A',
      'trust',
      '-N',
      '-E',
      'UTF8'
    ),
    { cwd: '/' }
  );
  let server: ChildProcess | undefined;
  const connectAsSuperuser = async (database = 'postgres') => {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database });
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: maxConnections,
    fsync: 'off',
    shared_buffers: '8MB',
  };
  const start = async () => {
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    server = spawn(...asPostgres(join(programs, 'postgres'), '-D', `${folder}/cluster`, ...options), {
      cwd: '/',
      stdio: 'ignore',
    });
    await until('PostgreSQL answers', async () => (await connectAsSuperuser()).end().then(() => true));
  };
  const stop = async () => {
    if (server && server.exitCode === null && server.signalCode === null) {
      const ended = new Promise((resolve) => server?.once('exit', resolve));
      server.kill('SIGQUIT');
      await ended;
    }
  };
  await start();
  const client = await connectAsSuperuser();
  await client.query('CREATE ROLE odoo LOGIN');
  await client.query('CREATE DATABASE dfr OWNER odoo');
  await client.end();
  return {
    url: `postgres://odoo@127.0.0.1:${port}/dfr`,
    connectAsSuperuser: () => connectAsSuperuser('dfr'),
    start,
    stop,
    async remove() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root. */
function asPostgres(program: string, ...args: string[]): [string, string[]] {
  return process.getuid?.() === 0
    ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--init-groups', '--', program, ...args]]
    : [program, args];
}

function ownByPostgres(folder: string): void {
  chmodSync(folder, 0o700);
  if (process.getuid?.() === 0) {
    const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
    chownSync(folder, id('-u'), id('-g'));
  }
}
