import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../../../stand-ins/src/test/freePort.ts';

const run = promisify(execFile);
export const backupSql = fileURLToPath(new URL('../../../../provisioning/postgres/dfr-backup.sql', import.meta.url));

/** A real PostgreSQL on loopback with a database `dfr` of role odoo, and the role that makes backups; passwords are asked for. */
export interface ScratchPostgres {
  /** Folder of pg_dump and pg_restore. */
  programs: string;
  /** Without a password. */
  url: string;
  /** Where the password of the url's role stands. */
  passFile: string;
  wrongPassFile: string;
  /** Runs SQL as superuser in `dfr`; answers what psql prints. */
  sql: (text: string) => Promise<string>;
  /** Holds a lock on a table until the answer is called. */
  lock: (table: string) => Promise<() => Promise<void>>;
  remove: () => Promise<void>;
}

export async function makeScratchPostgres(): Promise<ScratchPostgres> {
  const programs = globSync('/usr/lib/postgresql/*/bin').sort().at(-1);
  if (!programs) {
    throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  }
  const folder = mkdtempSync(join(tmpdir(), 'dfr-agent-pg-'));
  await ownByPostgres(folder);
  const port = await freePort();
  const data = join(folder, 'data');
  const initdb = ['-D', data, '-U', 'postgres', '--auth-local=trust', '--auth-host=scram-sha-256', '--no-sync'];
  await run(...asPostgres(join(programs, 'initdb'), ...initdb), { cwd: '/' });
  const settings = ['listen_addresses=127.0.0.1', 'fsync=off', 'shared_buffers=8MB'].flatMap((one) => ['-c', one]);
  const server = spawn(
    ...asPostgres(join(programs, 'postgres'), '-D', data, '-k', folder, '-p', String(port), ...settings),
    { cwd: '/', stdio: 'ignore' }
  );
  const psql = (database: string, ...args: string[]) =>
    run(
      ...asPostgres(
        join(programs, 'psql'),
        ...['-h', folder, '-p', String(port), '-U', 'postgres', '-d', database, '-XqAt', '-v', 'ON_ERROR_STOP=1'],
        ...args
      ),
      { cwd: '/' }
    );
  const sql = async (text: string) => (await psql('dfr', '-c', text)).stdout.trim();
  await until(async () => (await psql('postgres', '-c', 'SELECT 1')).stdout !== '', 'PostgreSQL answers');
  await psql('postgres', '-c', 'CREATE ROLE odoo LOGIN', '-c', 'CREATE DATABASE dfr OWNER odoo');
  // Not by its name: the postgres user need not be able to read the repository.
  await psql('dfr', '-c', readFileSync(backupSql, 'utf8'), '-c', "ALTER ROLE dfr_backup PASSWORD 'right'");
  const passFile = (password: string) => {
    const path = join(folder, `pgpass-${password}`);
    writeFileSync(path, `127.0.0.1:${port}:*:dfr_backup:${password}\n`, { mode: 0o600 });
    return path;
  };
  return {
    programs,
    url: `postgres://dfr_backup@127.0.0.1:${port}/dfr`,
    passFile: passFile('right'),
    wrongPassFile: passFile('wrong'),
    sql,
    async lock(table) {
      const held = psql('dfr', '-c', `BEGIN; LOCK TABLE ${table}; SELECT pg_sleep(60)`).catch(() => {});
      const locked = `FROM pg_locks WHERE relation = '${table}'::regclass AND mode = 'AccessExclusiveLock' AND granted`;
      await until(async () => (await sql(`SELECT count(*) ${locked}`)) === '1', `${table} is locked`);
      return async () => {
        await sql(`SELECT pg_terminate_backend(pid) ${locked}`);
        await held;
      };
    },
    async remove() {
      const ended = once(server, 'exit');
      server.kill('SIGQUIT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Asks until it is true; an error counts as not yet. */
export async function until(ask: () => Promise<boolean> | boolean, what: string, seconds = 20): Promise<void> {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; await sleep(50)) {
    if (await Promise.resolve(ask()).catch(() => false)) {
      return;
    }
  }
  throw new Error(`Waited ${seconds} s in vain until ${what}.`);
}

/** PostgreSQL refuses to run as root. */
function asPostgres(program: string, ...args: string[]): [string, string[]] {
  return process.getuid?.() === 0
    ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--init-groups', '--', program, ...args]]
    : [program, args];
}

async function ownByPostgres(folder: string): Promise<void> {
  chmodSync(folder, 0o700);
  if (process.getuid?.() === 0) {
    const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
    chownSync(folder, await id('-u'), await id('-g'));
  }
}
