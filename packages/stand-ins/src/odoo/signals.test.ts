import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { freePort } from '../test/freePort.ts';
import { scratchFolder } from '../test/scratchFolder.ts';
import { makeScratchPostgres, type ScratchPostgres } from '../test/scratchPostgres.ts';
import { answers, spawnStandIn, until } from '../test/standInProcess.ts';

let postgres: ScratchPostgres;
let database: pg.Client;
before(async () => {
  postgres = await makeScratchPostgres(30);
  database = await postgres.connectAsSuperuser();
});
after(async () => {
  await database.end();
  await postgres.remove();
});

async function startOdoo(context: TestContext, workers: number) {
  const secret = join(scratchFolder(context), 'secret');
  writeFileSync(secret, 'secret\n');
  const port = await freePort();
  const odoo = spawnStandIn(context, 'odoo', {
    ODOO_LISTEN: `127.0.0.1:${port}`,
    ODOO_DATABASE_URL: postgres.url,
    ODOO_PASSWORD_FILE: secret,
    ODOO_ADMIN_PASSWORD_FILE: secret,
    ODOO_CRON_SECONDS: '1',
    ODOO_WORKERS: String(workers),
  });
  const pid = odoo.process.pid!;
  const healthy = answers(`http://127.0.0.1:${port}/web/health?db_server_status=1`);
  await until('it serves', healthy, 40);
  return { ...odoo, pid, healthy, workers: () => workersOf(pid) };
}

/** Processes below `parent` that bear the title of Odoo's workers. */
function workersOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const title = readFileSync(`/proc/${name}/cmdline`, 'utf8');
        return (
          stat.slice(stat.lastIndexOf(')')).split(' ')[2] === String(parent) && title.startsWith('odoo: WorkerHTTP')
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}

const sessions = async () =>
  (await database.query("SELECT pid FROM pg_stat_activity WHERE application_name = 'odoo'")).rows.map((row) => row.pid);

test('with workers: one more at once, one fewer when one ends, and one that dies is replaced', async (context) => {
  const odoo = await startOdoo(context, 2);
  await until('two workers', () => odoo.workers().length === 2, 40);
  const [victim] = odoo.workers();
  process.kill(victim!, 'SIGKILL');
  await until('it is replaced', () => odoo.workers().length === 2 && !odoo.workers().includes(victim!), 40);
  odoo.process.kill('SIGTTIN');
  await until('three workers', () => odoo.workers().length === 3, 40);
  odoo.process.kill('SIGTTOU');
  await sleep(1500);
  assert.equal(odoo.workers().length, 3, 'Odoo ends none for it');
  process.kill(odoo.workers()[0]!, 'SIGKILL');
  await until('one is gone', () => odoo.workers().length === 2, 40);
  await sleep(1500);
  assert.equal(odoo.workers().length, 2, 'and it is not replaced');
  assert.ok(await odoo.healthy());
  odoo.process.kill('SIGTERM');
  assert.equal((await odoo.ended).code, 0);
  await until('no worker outlives it', () => odoo.workers().length === 0);
});

test('with workers: a reload keeps the main process and replaces everything below it', async (context) => {
  const odoo = await startOdoo(context, 2);
  await until('two workers', () => odoo.workers().length === 2, 40);
  const former = odoo.workers();
  odoo.process.kill('SIGHUP');
  await until(
    'two others',
    () => odoo.workers().length === 2 && !odoo.workers().some((pid) => former.includes(pid)),
    40
  );
  await until('it serves again', odoo.healthy, 40);
  assert.match(odoo.stdout(), /INFO dfr odoo\.service\.server: Initiating server reload\n/);
  assert.equal(odoo.process.exitCode, null);
});

test('workers end with a main process that was killed', async (context) => {
  const odoo = await startOdoo(context, 2);
  await until('two workers', () => odoo.workers().length === 2, 40);
  const left = odoo.workers();
  odoo.process.kill('SIGKILL');
  const alive = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  await until('both have ended', () => left.every((pid) => {
    try {
      return !alive(pid);
    } catch {
      return true;
    }
  })); // prettier-ignore
});

test('without workers: a reload opens its connections anew; it has no workers to add', async (context) => {
  const odoo = await startOdoo(context, 0);
  const former = await sessions();
  odoo.process.kill('SIGTTIN');
  odoo.process.kill('SIGTTOU');
  assert.ok(await odoo.healthy());
  odoo.process.kill('SIGHUP');
  await until('other connections', async () => {
    const now = await sessions();
    return now.length > 0 && !now.some((pid) => former.includes(pid));
  });
  await until('it serves again', odoo.healthy, 40);
  assert.deepEqual(odoo.workers(), []);
});

test('its stacks stand in the log when they are asked for, and it goes on', async (context) => {
  const odoo = await startOdoo(context, 0);
  odoo.process.kill('SIGQUIT');
  await until('they are there', () => /INFO dfr odoo\.tools\.misc: \n# Thread: .*\nFile: /.test(odoo.stdout()));
  assert.ok(await odoo.healthy());
});
