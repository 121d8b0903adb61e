import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from '../../../stand-ins/src/test/freePort.ts';
import { scratchFolder, waitUntil } from './startServer.ts';
import { serverUser } from './startStore.ts';

const run = promisify(execFile);
const bin = '/usr/lib/postgresql/15/bin';
const sql = new URL('../../../../provisioning/postgres/', import.meta.url);

export interface DfrPostgres {
  port: number;
  /** As role dfr_ops, without password. */
  opsUrl: string;
  opsPassword: string;
  admin: pg.Client;
  /** Of the cluster's files. */
  data: string;
  /** Ends the server: fast, or as a crash does. */
  halt(how: 'SIGINT' | 'SIGKILL'): Promise<void>;
  /** Starts it again after `halt`; `admin` stays lost. Does not wait for it. */
  startAgain(): void;
  /** A plain client of Odoo's role that sits there, as a leaked connection does. */
  sit(application: string, statement?: string): Promise<pg.Client>;
  stop(): Promise<void>;
}

/** A cluster in DFR's place, with its roles and provisioning/postgres/dfr-ops.sql; passwords are asked for, as in production. */
export async function startDfrPostgres(maxConnections: number, options: { demo?: boolean } = {}): Promise<DfrPostgres> {
  const folder = await scratchFolder('dfr-postgres');
  const asPostgres = await serverUser(folder.path);
  const data = join(folder.path, 'data');
  const port = await freePort();
  await run(
    ...asPostgres([
      `${bin}/initdb`,
      '-D',
      data,
      '-U',
      'postgres',
      '--auth-local=trust',
      '--auth-host=scram-sha-256',
      '--no-sync',
    ])
  );
  const settings = [
    'listen_addresses=127.0.0.1',
    'fsync=off',
    `max_connections=${maxConnections}`,
    'superuser_reserved_connections=3',
  ].flatMap((one) => ['-c', one]);
  // The second setpriv, since a change of user takes the wish to die with the parent away. SIGQUIT: at once, with its children.
  const command = [
    'setpriv',
    '--pdeathsig',
    'QUIT',
    `${bin}/postgres`,
    '-D',
    data,
    '-k',
    folder.path,
    '-p',
    String(port),
  ];
  const start = () => spawn(...asPostgres([...command, ...settings]), { stdio: 'ignore' });
  let cluster = start();
  const ready = () =>
    run(`${bin}/pg_isready`, ['-h', folder.path, '-p', String(port)]).then(
      () => true,
      () => false
    );
  await waitUntil(ready, "DFR's database to be ready");
  const admin = new pg.Client({ host: folder.path, port, user: 'postgres', database: 'postgres' });
  admin.on('error', () => {});
  await admin.connect();
  await admin.query(
    "CREATE ROLE dfr_ops LOGIN PASSWORD 'ops-password'; CREATE ROLE odoo LOGIN PASSWORD 'odoo-password'"
  );
  await admin.query(await readFile(new URL('dfr-ops.sql', sql), 'utf8'));
  if (options.demo ?? true) {
    await admin.query(await readFile(new URL('dfr-ops.demo.sql', sql), 'utf8'));
  }
  const sitting: pg.Client[] = [];
  return {
    port,
    opsUrl: `postgres://dfr_ops@127.0.0.1:${port}/postgres`,
    opsPassword: 'ops-password',
    admin,
    data,
    async halt(how) {
      const ended = once(cluster, 'exit');
      cluster.kill(how);
      await ended;
    },
    startAgain() {
      cluster = start();
    },
    async sit(application, statement = 'SELECT 1') {
      const connectionString = `postgres://odoo:odoo-password@127.0.0.1:${port}/postgres`;
      const client = new pg.Client({ connectionString, application_name: application });
      client.on('error', () => {});
      await client.connect();
      await client.query(statement);
      sitting.push(client);
      return client;
    },
    async stop() {
      await Promise.all(sitting.map((client) => client.end().catch(() => {})));
      await admin.end().catch(() => {});
      if (cluster.exitCode === null && cluster.signalCode === null) {
        const ended = once(cluster, 'exit');
        cluster.kill('SIGQUIT');
        await ended;
      }
      await folder.remove();
    },
  };
}
