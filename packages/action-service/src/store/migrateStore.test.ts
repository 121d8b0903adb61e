import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PgBoss } from 'pg-boss';
import type { Pool } from 'pg';
import { linkAudit } from '../audit/chainAudit.ts';
import { recordAudit } from '../audit/recordAudit.ts';
import { silentLog, startStore, type ScratchStore } from '../test/startStore.ts';
import { makeStoreRoles } from '../test/storeRoles.ts';
import { migrateStore } from './migrateStore.ts';
import { createPool } from './pool.ts';

let store: ScratchStore;
let service: Pool;
let urls: { ownerUrl: string; serviceUrl: string };

before(async () => {
  store = await startStore();
  urls = await makeStoreRoles(store);
  service = createPool(urls.serviceUrl, silentLog);
  assert.ok((await migrateStore(service, urls.ownerUrl, silentLog)).length > 3);
});
after(async () => {
  await service?.end();
  await store?.stop();
});

const denied = /permission denied|must be owner/;

test("the service's role writes and links entries, and can neither change, drop nor disarm anything of the trail", async () => {
  await recordAudit(service, { actor: 'admin', kind: 'run.accepted', subject: 'run-1', data: { reason: 'test' } });
  assert.equal(await linkAudit(service), 1);
  for (const attempt of [
    "UPDATE audit_events SET actor = 'nobody'",
    'DELETE FROM audit_events',
    'DELETE FROM audit_links',
    "UPDATE audit_links SET hash = ''",
    'TRUNCATE audit_events CASCADE',
    'DROP TABLE audit_events CASCADE',
    'ALTER TABLE audit_events DISABLE TRIGGER ALL',
    'DROP TRIGGER audit_events_delete ON audit_events',
    "SET session_replication_role = 'replica'",
    'GRANT DELETE ON audit_events TO dfr_ops_service',
    'CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$',
    "INSERT INTO audit_segments VALUES (1, 1, 1, 1, now(), now(), '', '', '', '')",
    'DELETE FROM migrations',
    'SET ROLE dfr_ops_owner',
  ]) {
    // A GRANT without the right to grant is a warning, and gives nothing: what counts is the right.
    await service.query(attempt).then(
      () => assert.match(attempt, /^GRANT/),
      (error: Error) => assert.match(error.message, denied, attempt)
    );
  }
  const rights = await service.query("SELECT has_table_privilege('audit_events', 'UPDATE, DELETE, TRUNCATE') AS may");
  assert.equal(rights.rows[0].may, false);
  assert.equal((await service.query('SELECT count(*)::int AS n FROM audit_links')).rows[0].n, 1);
});

test('it still does its other work: runs, notices, a queue in a schema of its own', async () => {
  const { rows } = await service.query(
    `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        AND NOT has_table_privilege(oid, 'SELECT') ORDER BY 1`
  );
  assert.deepEqual(rows, []);
  await service.query(`INSERT INTO notices (reference, kind, recipient, text) VALUES ('r', 'sms_watchdog', '+1', 't')`);
  assert.equal((await service.query("DELETE FROM notices WHERE reference = 'r'")).rowCount, 1);
  const boss = new PgBoss({ connectionString: urls.serviceUrl });
  await boss.start();
  await boss.stop({ graceful: false });
});

test('a second start migrates nothing and grants the same; the owner is held by the triggers', async () => {
  assert.deepEqual(await migrateStore(service, urls.ownerUrl, silentLog), []);
  const owner = createPool(urls.ownerUrl, silentLog);
  await assert.rejects(owner.query('DELETE FROM audit_events'), /append-only/);
  await assert.rejects(owner.query("UPDATE audit_events SET actor = 'x'"), /append-only/);
  await assert.rejects(owner.query('DELETE FROM audit_segments; TRUNCATE audit_segments'), /append-only/);
  await owner.end();
});
