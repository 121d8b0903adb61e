import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { StartProblem } from '../problem.ts';
import { ManagedProcess } from '../process/managedProcess.ts';
import type { Reaper } from '../process/reaperClient.ts';
import type { Programs } from './binaries.ts';
import { folderForPostgres } from './dataFolders.ts';

export type ClusterOptions = {
  /** Name of the part, as messages show it. */
  name: string;
  folder: string;
  port: number;
  logFile: string;
  programs: Programs;
  superuserPassword: string;
  settings: Record<string, string>;
  restart: 'backoff' | 'none';
};

/** A PostgreSQL cluster of ours. It listens on 127.0.0.1 only, has no unix socket, and everybody needs a password. */
export class PostgresCluster {
  readonly process: ManagedProcess;
  readonly #options: ClusterOptions;

  constructor(options: ClusterOptions, reaper: Reaper) {
    this.#options = options;
    this.process = new ManagedProcess(
      {
        name: options.name,
        command: options.programs.postgres,
        args: [
          '-D',
          join(options.folder, 'cluster'),
          ...settingArgs({ ...fixedSettings(options.port), ...options.settings }),
        ],
        user: 'postgres',
        // INT is the fast shutdown; TERM would wait until the last client has left.
        stopSignal: 'SIGINT',
        graceSeconds: 20,
        logFile: options.logFile,
        restart: options.restart,
      },
      reaper
    );
  }

  /** Initialises the cluster if it is new, starts it, waits until it answers. */
  async start(): Promise<void> {
    this.#initialise();
    this.process.start();
    await this.process.waitUntil(() => this.#answers(), 60);
  }

  /** Runs `work` as the superuser in a database. */
  async asSuperuser<T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = this.#client(database);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  #client(database: string): pg.Client {
    const { port, superuserPassword } = this.#options;
    const client = new pg.Client({
      host: '127.0.0.1',
      port,
      user: 'postgres',
      password: superuserPassword,
      database,
      application_name: 'dfr-ops-launcher',
      connectionTimeoutMillis: 3000,
    });
    // A server that dies under it is told by the query that fails; unheard, the event would end the launcher.
    client.on('error', () => {});
    return client;
  }

  async #answers(): Promise<boolean> {
    return this.asSuperuser('postgres', async (client) => (await client.query('SELECT 1')).rowCount === 1);
  }

  #initialise(): void {
    const { folder, programs, superuserPassword, name } = this.#options;
    folderForPostgres(folder);
    const cluster = join(folder, 'cluster');
    if (existsSync(join(cluster, 'PG_VERSION'))) {
      return;
    }
    // Under another name until it is complete: an initialisation that was interrupted is never taken for a cluster.
    const unfinished = join(folder, 'cluster.unfinished');
    rmSync(unfinished, { recursive: true, force: true });
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, superuserPassword, { mode: 0o600 });
    const owner = statSync(folder);
    chownSync(passwordFile, owner.uid, owner.gid);
    const args = [
      '-D',
      unfinished,
      '-U',
      'postgres',
      '--auth-local=peer',
      '--auth-host=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      '--no-instructions',
    ];
    const asPostgres =
      process.getuid?.() === 0 ? ['--reuid', 'postgres', '--regid', 'postgres', '--init-groups', '--'] : ['--'];
    const done = spawnSync('setpriv', [...asPostgres, programs.initdb, ...args], { encoding: 'utf8', cwd: '/' });
    rmSync(passwordFile, { force: true });
    if (done.status !== 0) {
      const logLines = `${done.stdout}${done.stderr}`
        .split('\n')
        .filter((line) => line.trim() !== '')
        .slice(-6);
      const full = /No space left/i.test(`${done.stdout}${done.stderr}`);
      throw new StartProblem(
        name,
        'its cluster could not be initialised',
        full
          ? 'The disk is full. Free some space, or choose another folder with --data DIR.'
          : `Check the folder ${folder}, or choose another one with --data DIR.`,
        { logLines }
      );
    }
    renameSync(unfinished, cluster);
  }
}

function fixedSettings(port: number): Record<string, string> {
  return {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    superuser_reserved_connections: '3',
    logging_collector: 'off',
    log_destination: 'stderr',
    log_line_prefix: '%m [%p] %q%u@%d ',
    log_timezone: 'UTC',
    timezone: 'UTC',
  };
}

function settingArgs(settings: Record<string, string>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
