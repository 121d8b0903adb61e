import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import pg from 'pg';
import { makeScratchPostgres, type ScratchPostgres } from '../../../stand-ins/src/test/scratchPostgres.ts';
import { type Profile } from './loadValues.ts';
import { renderProvisioning } from './render.ts';

const missing = globSync('/usr/lib/postgresql/*/bin').length === 0 ? 'not run: PostgreSQL is not installed' : false;
const out = await mkdtemp(join(tmpdir(), 'dfr-limit-'));
after(() => rm(out, { recursive: true, force: true }));

/** The SQL of a profile, run as a superuser in Odoo's database. */
async function run(admin: pg.Client, profile: Profile, name: string): Promise<void> {
  await renderProvisioning({ profile, out });
  await admin.query(await readFile(join(out, 'postgres', name), 'utf8'));
}

describe('with every connection taken that Odoo may have', { skip: missing }, () => {
  let cluster: ScratchPostgres;
  let admin: pg.Client;
  const open: pg.Client[] = [];

  before(async () => {
    // Production's maximum.
    cluster = await makeScratchPostgres(100);
    admin = await cluster.connectAsSuperuser();
    await admin.query('CREATE ROLE dfr_ops LOGIN');
    await run(admin, 'production', 'dfr-ops.sql');
    await run(admin, 'production', 'dfr-monitor.sql');
  });
  afterEach(() => Promise.all(open.splice(0).map((client) => client.end().catch(() => {}))));
  after(async () => {
    await admin.end();
    await cluster.remove();
  });

  async function connect(role: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: cluster.url.replace('odoo@', `${role}@`) });
    client.on('error', () => {});
    await client.connect();
    open.push(client);
    return client;
  }

  /** How many connections Odoo got before it was refused for want of them. */
  async function exhaust(): Promise<number> {
    for (let taken = 0; ; taken++) {
      const refused = await connect('odoo').then(
        () => null,
        (error: { code?: string }) => error
      );
      if (refused) {
        assert.equal(refused.code, '53300', String(refused));
        return taken;
      }
    }
  }

  test('capped, the monitoring role still connects as often as it may, sees the connections, and the service connects too', async () => {
    await run(admin, 'production', 'odoo-limit.sql');
    assert.equal(await exhaust(), 85);
    const monitors = await Promise.all(Array.from({ length: 8 }, () => connect('dfr_monitor')));
    const { rows } = await monitors[0]!.query(
      "SELECT count(*)::int AS taken FROM pg_stat_activity WHERE usename = 'odoo' AND state = 'idle'"
    );
    assert.deepEqual(rows, [{ taken: 85 }]);
    await connect('dfr_ops');
    await connect('dfr_ops');
  });

  test('uncapped, as the demonstration is, the monitoring role is locked out', async () => {
    await run(admin, 'demo', 'odoo-limit.sql');
    assert.ok((await exhaust()) > 85);
    await assert.rejects(connect('dfr_monitor'), { code: '53300' });
  });

  test('a superuser is not bound by a limit, so capping one is refused; so is a role that is not there', async () => {
    await admin.query('ALTER ROLE odoo SUPERUSER');
    await assert.rejects(run(admin, 'production', 'odoo-limit.sql'), /is a superuser, whom no limit binds/);
    await admin.query('ALTER ROLE odoo NOSUPERUSER');
    await admin.query('ALTER ROLE odoo RENAME TO erp');
    await assert.rejects(run(admin, 'production', 'odoo-limit.sql'), /There is no role odoo/);
    await admin.query('ALTER ROLE erp RENAME TO odoo');
  });
});
