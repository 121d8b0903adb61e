import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../stand-ins/src/test/freePort.ts';
import { makeScratchPostgres, until } from '../test/scratchPostgres.ts';
import { readConfig } from './config.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const postgres = await makeScratchPostgres();
await postgres.sql(
  "CREATE TABLE farmer (name text); INSERT INTO farmer VALUES ('Aminata'); ALTER TABLE farmer OWNER TO odoo"
);
let folder = '';
const running = new Set<ChildProcess>();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dfr-backup-'));
  mkdirSync(join(folder, 'state'));
});
afterEach(async () => {
  await Promise.all([...running].map((child) => end(child, 'SIGKILL')));
  rmSync(folder, { recursive: true, force: true });
});
after(() => postgres.remove());

const environment = (more: Record<string, string> = {}): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  BACKUP_DATABASE_URL: postgres.url,
  PGPASSFILE: postgres.passFile,
  BACKUP_FOLDER: join(folder, 'dumps'),
  BACKUP_STATUS_FILE: join(folder, 'state/backup.prom'),
  BACKUP_PG_BIN: postgres.programs,
  BACKUP_KEEP: '2',
  ...more,
});
const once = (more: Record<string, string> = {}, before: string[] = []) => {
  const [command = '', ...args] = [...before, process.execPath, main, '--once'];
  return spawnSync(command, args, { env: environment(more), encoding: 'utf8', timeout: 60_000 });
};
function start(args: string[], more: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, [main, ...args], { env: environment(more), stdio: 'ignore' });
  running.add(child);
  return child;
}
function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  running.delete(child);
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}

const dumps = () => readdirSync(join(folder, 'dumps')).filter((name) => name.endsWith('.dump'));
const metrics = () => valuesIn(readFileSync(join(folder, 'state/backup.prom'), 'utf8'));
function valuesIn(text: string): Record<string, number> {
  const lines = [...text.matchAll(/^(dfr_\w+)\{backup="database"\} (\S+)$/gm)];
  return Object.fromEntries(lines.map(([, name = '', value]) => [name.replace('dfr_backup_last_', ''), Number(value)]));
}
const recent = (seconds: number | undefined) => Math.abs(Date.now() / 1000 - (seconds ?? 0)) < 60;

test('a good backup can be restored, is told with its size, and the newest few are kept', async () => {
  for (let i = 0; i < 3; i++) {
    const { status, stderr, stdout } = once();
    assert.equal(status, 0, stdout + stderr);
  }
  assert.equal(dumps().length, 2);
  const newest = join(folder, 'dumps', dumps().sort().at(-1) ?? '');
  const text = execFileSync(join(postgres.programs, 'pg_restore'), ['--file=-', newest], { encoding: 'utf8' });
  assert.match(text, /COPY public\.farmer[^]*Aminata/);
  const { status, success_timestamp_seconds, size_bytes, duration_seconds } = metrics();
  assert.deepEqual([status, size_bytes], [0, readFileSync(newest).length]);
  assert.ok(recent(success_timestamp_seconds) && (duration_seconds ?? 0) > 0);
  assert.equal(readdirSync(join(folder, 'dumps')).length, 2, 'nothing unfinished is left');
});

test(
  'Prometheus reads the file',
  { skip: spawnSync('promtool', ['--version']).status === 0 ? false : 'not run: promtool is not installed' },
  () => {
    once();
    const checked = spawnSync('promtool', ['check', 'metrics'], {
      input: readFileSync(join(folder, 'state/backup.prom')),
      encoding: 'utf8',
    });
    assert.equal(checked.status, 0, checked.stderr);
  }
);

test('a wrong password: status 1, why, the last success kept; never succeeded is 0', () => {
  const first = once({ PGPASSFILE: postgres.wrongPassFile });
  assert.equal(first.status, 1);
  assert.match(first.stdout, /ERROR .*status 1.*password authentication failed/);
  assert.deepEqual([metrics()['status'], metrics()['success_timestamp_seconds']], [1, 0]);
  once();
  const good = metrics();
  once({ PGPASSFILE: postgres.wrongPassFile });
  const bad = metrics();
  assert.equal(bad['status'], 1);
  assert.deepEqual(
    [bad['success_timestamp_seconds'], bad['size_bytes']],
    [good['success_timestamp_seconds'], good['size_bytes']]
  );
  assert.equal(dumps().length, 1);
});

test('a folder that cannot be written: status 3, and why', () => {
  writeFileSync(join(folder, 'file'), '');
  const { status, stdout } = once({ BACKUP_FOLDER: join(folder, 'file/dumps') });
  assert.equal(status, 1);
  assert.match(stdout, /ERROR .*status 3.*ENOTDIR/);
  assert.deepEqual([metrics()['status'], metrics()['success_timestamp_seconds']], [3, 0]);
});

test('no room for the dump: it is no backup, and the former ones stay', async () => {
  once();
  const before = dumps();
  await postgres.sql('CREATE TABLE big AS SELECT md5(i::text) AS x FROM generate_series(1, 20000) AS i');
  // As a full disk does, a limit of the kernel's lets no file grow beyond it.
  const { status, stdout } = once({}, ['prlimit', '--fsize=100000']);
  await postgres.sql('DROP TABLE big');
  assert.equal(status, 1);
  assert.match(stdout, /ERROR .*status 1/);
  assert.equal(metrics()['status'], 1);
  assert.deepEqual(readdirSync(join(folder, 'dumps')), before);
});

test('programs of PostgreSQL that are not there are named', () => {
  const { stdout } = once({ BACKUP_PG_BIN: '/nonexistent' });
  assert.match(stdout, /pg_dump is not there\. Install/);
});

test('killed in the middle: nothing half counts as a backup, and the next run clears it away when it is old', async () => {
  const release = await postgres.lock('farmer');
  const child = start(['--once']);
  const partial = () => readdirSync(join(folder, 'dumps')).filter((name) => name.endsWith('.partial'));
  await until(() => existsSync(join(folder, 'dumps')) && partial().length === 1, 'the dump has begun');
  await end(child, 'SIGKILL');
  await release();
  await until(
    async () => (await postgres.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'dfr_backup'")) === '0',
    'pg_dump has ended'
  );
  assert.deepEqual([dumps(), existsSync(join(folder, 'state/backup.prom'))], [[], false]);
  once();
  assert.deepEqual([dumps().length, partial().length], [1, 1]);
  const hourAgo = Date.now() / 1000 - 3600;
  utimesSync(join(folder, 'dumps', partial()[0] ?? ''), hourAgo, hourAgo);
  once({ BACKUP_DEADLINE_SECONDS: '600' });
  assert.deepEqual([dumps().length, partial().length], [2, 0]);
});

test('stopped in the middle: status 4; too slow: status 1', async () => {
  const release = await postgres.lock('farmer');
  const child = start(['--once']);
  await until(
    () => existsSync(join(folder, 'dumps')) && readdirSync(join(folder, 'dumps')).length === 1,
    'it has begun'
  );
  await end(child, 'SIGTERM');
  assert.equal(metrics()['status'], 4);
  const slow = once({ BACKUP_DEADLINE_SECONDS: '1' });
  await release();
  assert.match(slow.stdout, /ended after 1 s \(BACKUP_DEADLINE_SECONDS\)/);
  assert.equal(metrics()['status'], 1);
  assert.deepEqual(readdirSync(join(folder, 'dumps')), []);
});

test('as a service it backs up at once, again at the interval, and tells of runs that others started', async () => {
  const port = await freePort();
  const ask = async (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  const serve = { BACKUP_LISTEN: `127.0.0.1:${port}`, BACKUP_EVERY_SECONDS: '2' };
  const child = start([], serve);
  await until(
    async () => (await (await ask('/metrics')).text()).includes('dfr_backup_last_status{backup="database"} 0'),
    'the first is told'
  );
  await until(() => dumps().length === 2, 'the second is made');
  once({ PGPASSFILE: postgres.wrongPassFile });
  const answer = await ask('/metrics');
  assert.match(answer.headers.get('content-type') ?? '', /text\/plain; version=0\.0\.4/);
  assert.equal(valuesIn(await answer.text())['status'], 1);
  assert.deepEqual([(await ask('/healthz')).status, (await ask('/etc/passwd')).status], [200, 404]);
  await end(child, 'SIGTERM');
  assert.equal(child.exitCode, 0);
});

test('a start soon after a good backup makes no other one', async () => {
  once();
  const port = await freePort();
  const child = start([], { BACKUP_LISTEN: `127.0.0.1:${port}`, BACKUP_EVERY_SECONDS: '3600' });
  await until(async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok, 'it answers');
  await end(child, 'SIGTERM');
  assert.deepEqual([dumps().length, metrics()['status']], [1, 0]);
});

test('while the status cannot be written, /metrics is no answer', async () => {
  const port = await freePort();
  start([], { BACKUP_LISTEN: `127.0.0.1:${port}`, BACKUP_STATUS_FILE: join(folder, 'nowhere/backup.prom') });
  await until(async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).status === 500, 'it says so');
});

test('a wrong environment names each variable; a password in the address is refused', () => {
  assert.throws(
    () => readConfig({ ...environment(), BACKUP_KEEP: '0', BACKUP_FOLDER: 'here' }),
    /BACKUP_FOLDER.*BACKUP_KEEP/
  );
  assert.throws(() => readConfig({ ...environment(), BACKUP_DATABASE_URL: 'postgres://odoo:x@db/dfr' }), /PGPASSFILE/);
});
