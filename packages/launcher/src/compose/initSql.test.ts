import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, cpSync, mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import pg from 'pg';
import { repoRoot } from '../native/context.ts';
import { findPrograms } from '../native/binaries.ts';
import { preparedCompose } from './test/preparedCompose.ts';

const { programs } = findPrograms();
const demo = await preparedCompose('demo');
// Short, since a socket lies below it.
const folder = mkdtempSync(join(tmpdir(), 'dfr-pg-'));
const asPostgres =
  process.getuid?.() === 0 ? ['--reuid', 'postgres', '--regid', 'postgres', '--init-groups', '--'] : ['--'];
const run = (program: string, args: string[]) =>
  spawnSync('setpriv', [...asPostgres, program, ...args], { encoding: 'utf8', cwd: '/' });
const pgCtl = (programs.initdb ?? '').replace(/initdb$/, 'pg_ctl');

after(() => {
  run(pgCtl, ['-D', join(folder, 'data'), '-m', 'immediate', 'stop']);
  rmSync(folder, { recursive: true, force: true });
  demo.remove();
});

/** A cluster as the image makes it, on a socket only: whoever is on the same machine needs no password, others do. */
function startCluster(): void {
  giveToPostgres(folder);
  const made = run(programs.initdb ?? '', [
    '-D',
    join(folder, 'data'),
    '-U',
    'postgres',
    '--auth-local=trust',
    '--auth-host=scram-sha-256',
  ]);
  assert.equal(made.status, 0, made.stderr);
  const options = `-c listen_addresses='' -c unix_socket_directories=${folder}`;
  const started = run(pgCtl, ['-D', join(folder, 'data'), '-o', options, '-l', join(folder, 'log'), '-w', 'start']);
  assert.equal(started.status, 0, started.stderr);
}

function giveToPostgres(path: string): void {
  if (process.getuid?.() === 0) {
    const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
    chownSync(path, id('-u'), id('-g'));
  }
}

/** Runs a folder's *.sql as the image's entrypoint does, with the secrets where the test has them. */
function initialise(name: string): void {
  const copy = join(folder, name);
  cpSync(join(demo.folder, 'config', name), copy, { recursive: true });
  mkdirSync(join(folder, 'secrets'), { recursive: true });
  cpSync(join(demo.folder, 'secrets'), join(folder, 'secrets'), { recursive: true });
  execFileSync('chmod', ['-R', 'a+rX', copy, join(folder, 'secrets')]);
  for (const file of readdirSync(copy).filter((one) => one.endsWith('.sql'))) {
    const path = join(copy, file);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('/run/secrets', join(folder, 'secrets')));
    const done = run('psql', [
      '-h',
      folder,
      '-U',
      'postgres',
      '-d',
      'postgres',
      '-v',
      'ON_ERROR_STOP=1',
      '-X',
      '-q',
      '-f',
      path,
    ]);
    assert.equal(done.status, 0, done.stderr);
  }
}

async function ask(user: string, database: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ host: folder, user, database });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const skip = programs.initdb ? false : 'not run: PostgreSQL is not installed';

test('DFR’s database: five roles, none a superuser, with the passwords of the files', { skip }, async () => {
  startCluster();
  initialise('postgres-init');
  const roles = await ask(
    'postgres',
    'dfr',
    `SELECT rolname, rolsuper OR rolcreatedb OR rolcreaterole AS more FROM pg_roles WHERE rolname ~ '^(odoo|dfr_)' ORDER BY 1`
  );
  assert.deepEqual(roles, [
    { rolname: 'dfr_backup', more: false },
    { rolname: 'dfr_monitor', more: false },
    { rolname: 'dfr_ops', more: false },
    { rolname: 'dfr_ops_maintenance', more: false },
    { rolname: 'odoo', more: false },
  ]);
  assert.deepEqual(await ask('dfr_ops', 'dfr', 'SELECT count(*)::int AS n FROM dfr_ops.connection_headroom()'), [
    { n: 1 },
  ]);
  assert.deepEqual(await ask('dfr_monitor', 'dfr', 'SELECT count(*)::int AS n FROM dfr_signals.mails()'), [{ n: 0 }]);
  await assert.rejects(ask('dfr_ops', 'dfr', 'CREATE TABLE public.x ()'), /permission denied/);
  await ask('odoo', 'dfr', 'CREATE TABLE public.mail_mail (state text)');
  assert.deepEqual(await ask('dfr_monitor', 'dfr', 'SELECT count(*)::int AS n FROM dfr_signals.mails()'), [{ n: 5 }]);
});

test(
  'the store: one role that owns its tables, and the service’s, which may make a schema of its own',
  { skip },
  async () => {
    initialise('store-init');
    await ask('dfr_ops_service', 'dfr_ops', 'CREATE SCHEMA own');
    await ask('dfr_ops_owner', 'dfr_ops', 'CREATE TABLE public.t ()');
    await assert.rejects(ask('dfr_ops_service', 'dfr_ops', 'CREATE TABLE public.x ()'), /permission denied/);
    await assert.rejects(ask('dfr_ops_service', 'dfr_ops', 'DROP TABLE public.t'), /must be owner/);
    const roles = await ask(
      'postgres',
      'postgres',
      `SELECT rolsuper FROM pg_roles WHERE rolname IN ('dfr_ops_owner', 'dfr_ops_service')`
    );
    assert.deepEqual(roles, [{ rolsuper: false }, { rolsuper: false }]);
  }
);

test('a store that the service owned is taken over by running it again', { skip }, async () => {
  await ask('postgres', 'postgres', 'ALTER DATABASE dfr_ops OWNER TO dfr_ops_service');
  await ask('dfr_ops_service', 'dfr_ops', 'CREATE TABLE public.old (); CREATE TABLE own.kept ()');
  initialise('store-init');
  const owners = await ask(
    'postgres',
    'dfr_ops',
    `SELECT tablename, tableowner FROM pg_tables WHERE tablename IN ('old', 'kept') ORDER BY 1`
  );
  assert.deepEqual(owners, [
    { tablename: 'kept', tableowner: 'dfr_ops_service' },
    { tablename: 'old', tableowner: 'dfr_ops_owner' },
  ]);
});

test('the passwords that were set are those of the files', { skip }, async () => {
  const [known] = (await ask(
    'postgres',
    'postgres',
    `SELECT count(*)::int AS n FROM pg_authid WHERE rolpassword LIKE 'SCRAM-SHA-256$%' AND rolname IN ('odoo', 'dfr_ops', 'dfr_ops_maintenance', 'dfr_monitor', 'dfr_backup', 'dfr_ops_owner', 'dfr_ops_service')`
  )) as Array<{ n: number }>;
  assert.equal(known?.n, 7);
  const configuration = join(folder, 'data/pg_hba.conf');
  writeFileSync(configuration, 'local all postgres trust\nlocal all all scram-sha-256\n');
  await ask('postgres', 'postgres', 'SELECT pg_reload_conf()');
  const login = async (user: string, password: string) => {
    const client = new pg.Client({ host: folder, user, password, database: 'postgres' });
    await client.connect();
    await client.end();
  };
  for (const [user, secret] of [
    ['odoo', 'postgres_odoo_password'],
    ['dfr_ops', 'postgres_dfr_ops_password'],
    ['dfr_ops_maintenance', 'postgres_dfr_maintenance_password'],
    ['dfr_monitor', 'postgres_dfr_monitor_password'],
    ['dfr_backup', 'postgres_dfr_backup_password'],
    ['dfr_ops_owner', 'store_owner_password'],
    ['dfr_ops_service', 'store_password'],
  ] as const) {
    await login(user, demo.secrets.read(secret));
    await assert.rejects(login(user, 'wrong'), /password authentication failed/);
  }
});
