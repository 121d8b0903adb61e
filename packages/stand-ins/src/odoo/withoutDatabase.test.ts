import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import pg from 'pg';
import { freePort } from '../test/freePort.ts';
import { callRpc } from '../test/jsonrpc.ts';
import { scratchFolder } from '../test/scratchFolder.ts';
import { makeScratchPostgres, type ScratchPostgres } from '../test/scratchPostgres.ts';
import { answers, spawnStandIn, until } from '../test/standInProcess.ts';

let postgres: ScratchPostgres;
before(async () => {
  postgres = await makeScratchPostgres(10);
});
after(() => postgres.remove());

async function spawnOdoo(context: TestContext, more: Record<string, string> = {}) {
  const folder = scratchFolder(context);
  const secret = join(folder, 'secret');
  writeFileSync(secret, 'secret\n');
  const port = await freePort();
  const odoo = spawnStandIn(context, 'odoo', {
    ODOO_LISTEN: `127.0.0.1:${port}`,
    ODOO_DATABASE_URL: postgres.url,
    ODOO_PASSWORD_FILE: secret,
    ODOO_ADMIN_PASSWORD_FILE: secret,
    ODOO_CRON_SECONDS: '1',
    ...more,
  });
  const url = `http://127.0.0.1:${port}`;
  const status = async (path: string) => (await fetch(`${url}${path}`)).status;
  return { ...odoo, url, status };
}

test('it starts without a database, says so, and recovers when it comes', async (context) => {
  await postgres.stop();
  const odoo = await spawnOdoo(context);
  await until('it serves', answers(`${odoo.url}/web/health`));
  assert.equal(await odoo.status('/web/health?db_server_status=1'), 500);
  assert.equal(await odoo.status('/web/login'), 500);
  const refused = await callRpc(odoo.url, 'common', 'authenticate', ['dfr', 'admin', 'secret', {}]);
  assert.equal(refused.error?.data.name, 'psycopg2.OperationalError');
  assert.match(
    odoo.stdout(),
    /Traceback \(most recent call last\):\n[^]*psycopg2\.OperationalError: connect ECONNREFUSED/
  );
  await postgres.start();
  await until('the database is seen again', async () => (await odoo.status('/web/login')) === 200);
  assert.equal(await odoo.status('/web/health?db_server_status=1'), 200);
  assert.equal((await callRpc(odoo.url, 'common', 'authenticate', ['dfr', 'admin', 'secret', {}])).result, 2);
  odoo.process.kill('SIGTERM');
  assert.equal((await odoo.ended).code, 0);
});

test('it starts at max_connections, its health shows it, and recovers when there is room', async (context) => {
  const leaked: pg.Client[] = [];
  const leak = async () => {
    for (;;) {
      const client = new pg.Client({ connectionString: postgres.url });
      client.on('error', () => {});
      await client.connect();
      leaked.push(client);
    }
  };
  context.after(() => Promise.all(leaked.splice(0).map((client) => client.end())));
  await assert.rejects(leak(), { code: '53300' });
  const odoo = await spawnOdoo(context);
  await until('it serves', answers(`${odoo.url}/web/health`));
  assert.equal(await odoo.status('/web/health?db_server_status=1'), 500);
  assert.match(
    odoo.stdout(),
    /psycopg2\.OperationalError: (sorry, too many clients already|remaining connection slots)/
  );
  await Promise.all(leaked.splice(0).map((client) => client.end()));
  await until(
    'there is room again',
    async () =>
      (await odoo.status('/web/health?db_server_status=1')) === 200 && (await odoo.status('/web/login')) === 200
  );
});

test('when the database goes away under it and comes back, it stays and recovers', async (context) => {
  const odoo = await spawnOdoo(context);
  await until('it serves', async () => (await odoo.status('/web/login')) === 200);
  await postgres.stop();
  assert.equal(await odoo.status('/web/health?db_server_status=1'), 500);
  assert.equal(await odoo.status('/web/health'), 200);
  await postgres.start();
  await until('the database is seen again', async () => (await odoo.status('/web/login')) === 200);
});

test('wrong variables end it with one line', async (context) => {
  const odoo = await spawnOdoo(context, { ODOO_LISTEN: '0.0.0.0:8069', ODOO_DB_POOL: '0' });
  const { code, stderr } = await odoo.ended;
  assert.equal(code, 1);
  assert.match(stderr, /^odoo: The environment is wrong: ODOO_LISTEN: .*ODOO_DB_POOL: .*\n$/);
});
