import assert from 'node:assert/strict';
import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import type { Pool } from 'pg';
import { createPool } from '../store/pool.ts';
import { scratchFolder, waitUntil } from '../test/startServer.ts';
import { silentLog, startStore, type ScratchStore } from '../test/startStore.ts';
import { linkAudit, startChainer } from './chainAudit.ts';
import { recordAudit } from './recordAudit.ts';
import { NotSealed, sealAudit } from './sealAudit.ts';
import { verifySegmentFile } from './segmentFile.ts';
import { verifyAudit } from './verifyAudit.ts';

let store: ScratchStore;
let pool: Pool;
let folder: Awaited<ReturnType<typeof scratchFolder>>;

before(async () => {
  [store, folder] = await Promise.all([startStore(), scratchFolder('audit')]);
  pool = store.pool;
});
beforeEach(async () => {
  await tamper('TRUNCATE audit_events, audit_links, audit_segments, audit_deliveries RESTART IDENTITY');
});
after(async () => {
  await store?.stop();
  await folder?.remove();
});

const entry = (subject: string) => ({
  actor: 'admin',
  kind: 'run.accepted',
  subject,
  data: { n: 1.5, text: 'ä "q" \u2028' },
});

/** As somebody does who owns the database. */
async function tamper(sql: string): Promise<void> {
  await pool.query(`SET session_replication_role = replica; ${sql}; SET session_replication_role = origin`);
}

async function record(count: number, from = 1): Promise<void> {
  for (let number = from; number < from + count; number += 1) {
    await recordAudit(pool, entry(`run-${number}`));
  }
}

const seal = (out: string, before = new Date(Date.now() + 1000)) =>
  sealAudit(pool, { before, out: join(folder.path, out), actor: 'root', undelivered: false });

test('several replicas make one chain, within a second of the commit', async () => {
  const pools = [1, 2, 3].map(() => createPool(store.databaseUrl, silentLog));
  const chainers = pools.map((one) => startChainer(one, silentLog));
  try {
    await pool.query(
      `INSERT INTO audit_events (actor, kind, subject) SELECT 'admin', 'run.started', 'run-' || n FROM generate_series(1, 2500) n`
    );
    const late = await pool.connect();
    await late.query('BEGIN');
    await recordAudit(late, entry('late'));
    await record(5);
    await waitUntil(async () => (await verifyAudit(pool)).linked === 2505, 'all but the late one to be linked');
    await late.query('COMMIT');
    late.release();
    const committed = Date.now();
    await waitUntil(async () => (await verifyAudit(pool)).linked === 2506, 'the late one');
    assert.ok(Date.now() - committed < 1000);
    const { broken, unlinked, head } = await verifyAudit(pool);
    assert.deepEqual({ broken, unlinked, position: head.position }, { broken: null, unlinked: null, position: 2506 });
  } finally {
    chainers.forEach((chainer) => chainer.stop());
    await new Promise((resolve) => setTimeout(resolve, 500));
    await Promise.all(pools.map((one) => one.end()));
  }
});

test('what was changed, taken out or put in is named by its first link', async () => {
  const cases: Array<[string, number, RegExp]> = [
    [`UPDATE audit_events SET actor = 'nobody' WHERE seq = 3`, 3, /was changed/],
    [`UPDATE audit_events SET data = '{"n": 2}' WHERE seq = 4`, 4, /was changed/],
    [`UPDATE audit_events SET at = at + interval '1 microsecond' WHERE seq = 2`, 2, /was changed/],
    ['DELETE FROM audit_events WHERE seq = 5', 5, /entry is gone/],
    [
      'DELETE FROM audit_links WHERE position = 6; DELETE FROM audit_events WHERE seq = 6',
      7,
      /link 6 before it is gone/,
    ],
    [`UPDATE audit_links SET hash = repeat('0', 64) WHERE position = 1`, 1, /was changed/],
  ];
  for (const [sql, position, why] of cases) {
    await tamper('TRUNCATE audit_events, audit_links RESTART IDENTITY');
    await record(8);
    await linkAudit(pool);
    assert.equal((await verifyAudit(pool)).broken, null);
    await tamper(sql);
    const { broken } = await verifyAudit(pool);
    assert.equal(broken?.position, position, sql);
    assert.match(broken?.why ?? '', why, sql);
  }
});

test('the unlinked tail is counted and named', async () => {
  await record(3);
  await linkAudit(pool);
  await record(2, 4);
  const { linked, unlinked } = await verifyAudit(pool);
  assert.equal(linked, 3);
  assert.deepEqual({ ...unlinked, oldestSeconds: 0 }, { entries: 2, firstSeq: 4, lastSeq: 5, oldestSeconds: 0 });
  assert.ok(unlinked!.oldestSeconds < 5);
});

test('a sealed segment leaves the store for a file, and the chain goes on from it', async () => {
  await record(5);
  await linkAudit(pool);
  const cut = new Date();
  await record(3, 6);
  await linkAudit(pool);
  const sealed = await seal('first.jsonl', cut);
  assert.equal(sealed?.entries, 5);
  assert.equal((await stat(sealed!.file)).mode & 0o777, 0o600);
  await linkAudit(pool);
  // Three that stayed and the entry that says what was sealed.
  const verdict = await verifyAudit(pool);
  assert.deepEqual([verdict.broken, verdict.sealed, verdict.linked, verdict.head.position], [null, 5, 4, 9]);
  const file = await verifySegmentFile(sealed!.file);
  assert.deepEqual([file.broken, file.entries, file.sha256], [null, 5, sealed!.sha256]);
  const second = await seal('second.jsonl');
  assert.deepEqual([second?.segment, second?.entries], [2, 4]);
  await linkAudit(pool);
  const after = await verifyAudit(pool);
  assert.deepEqual([after.broken, after.sealed, after.segments, after.linked], [null, 9, 2, 1]);
  assert.equal(await seal('third.jsonl', cut), null);
});

test('a sealed file that was changed, shortened or lengthened is told', async () => {
  await record(4);
  await linkAudit(pool);
  const { file } = (await seal('altered.jsonl'))!;
  const text = await readFile(file, 'utf8');
  const lines = text.trimEnd().split('\n');
  await writeFile(file, text.replace('run-2', 'run-9'));
  assert.deepEqual((await verifySegmentFile(file)).broken?.line, 3);
  await writeFile(file, `${lines.slice(0, -1).join('\n')}\n`);
  assert.match((await verifySegmentFile(file)).broken?.why ?? '', /ends at entry 3 and should end at 4/);
  await writeFile(file, text);
  await appendFile(file, lines.at(-1) + '\n');
  assert.match((await verifySegmentFile(file)).broken?.why ?? '', /does not follow/);
  await writeFile(file, 'hello\n');
  assert.equal((await verifySegmentFile(file)).broken?.line, 1);
});

test('nothing is dropped that is broken, not delivered yet, not linked or written over another file', async () => {
  await record(4);
  await linkAudit(pool);
  await pool.query("INSERT INTO audit_deliveries (receiver, position) VALUES ('loki', 2)");
  await assert.rejects(
    seal('undelivered.jsonl'),
    (error) => error instanceof NotSealed && /loki has had/.test(error.message)
  );
  await tamper('UPDATE audit_deliveries SET position = 4');
  await writeFile(join(folder.path, 'there.jsonl'), 'kept');
  await assert.rejects(seal('there.jsonl'), /is there already/);
  assert.equal(await readFile(join(folder.path, 'there.jsonl'), 'utf8'), 'kept');
  await tamper("UPDATE audit_events SET actor = 'nobody' WHERE seq = 2");
  await assert.rejects(seal('broken.jsonl'), /broken at link 2/);
  await assert.rejects(stat(join(folder.path, 'broken.jsonl')), /ENOENT/);
  assert.equal((await pool.query('SELECT count(*)::int AS n FROM audit_events')).rows[0].n, 4);
});

test('a deletion that no segment covers is refused, and a segment that was changed breaks the chain', async () => {
  await record(4);
  await linkAudit(pool);
  await seal('covered.jsonl');
  await record(2, 5);
  await linkAudit(pool);
  await assert.rejects(pool.query('DELETE FROM audit_events'), /no sealed segment covers/);
  await assert.rejects(pool.query('DELETE FROM audit_links'), /no sealed segment covers/);
  await tamper("UPDATE audit_segments SET last_hash = repeat('0', 64)");
  assert.match((await verifyAudit(pool)).broken?.why ?? '', /does not follow/);
});
