import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Pool } from 'pg';
import { migrateStore } from '../store/migrateStore.ts';
import { createPool } from '../store/pool.ts';
import { scratchFolder } from '../test/startServer.ts';
import { silentLog, startStore, type ScratchStore } from '../test/startStore.ts';
import { makeStoreRoles } from '../test/storeRoles.ts';
import { linkAudit } from './chainAudit.ts';
import { recordAudit } from './recordAudit.ts';

const program = fileURLToPath(new URL('./cli.ts', import.meta.url));
let store: ScratchStore;
let service: Pool;
let urls: Awaited<ReturnType<typeof makeStoreRoles>>;
let superuserUrl: string;
let folder: Awaited<ReturnType<typeof scratchFolder>>;

before(async () => {
  [store, folder] = await Promise.all([startStore(), scratchFolder('audit-cli')]);
  urls = await makeStoreRoles(store);
  superuserUrl = urls.ownerUrl.replace('dfr_ops_owner@', 'postgres@');
  service = createPool(urls.serviceUrl, silentLog);
  await migrateStore(service, urls.ownerUrl, silentLog);
  for (const number of [1, 2, 3, 4]) {
    await recordAudit(service, { actor: number < 3 ? 'admin' : 'eve', kind: 'run.accepted', subject: `run-${number}`, data: {} }); // prettier-ignore
  }
  await linkAudit(service);
});
after(async () => {
  await service?.end();
  await store?.stop();
  await folder?.remove();
});

/** Runs the command as the service's container has it; `env` overwrites. */
async function audit(args: string[], env: Record<string, string> = {}) {
  const addresses = { DATABASE_URL: urls.serviceUrl, DATABASE_MIGRATE_URL: urls.ownerUrl };
  const child = spawn(process.execPath, [program, ...args], { env: { PATH: process.env.PATH, ...addresses, ...env } });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out, err };
}

async function tamper(sql: string): Promise<void> {
  const pool = createPool(superuserUrl, silentLog);
  await pool.query(`SET session_replication_role = replica; ${sql}`);
  await pool.end();
}

test('verify: whole is 0, with where the chain ends; a waiting entry is named, and 3 when it has waited for a minute', async () => {
  const whole = await audit(['verify']);
  assert.deepEqual([whole.code, whole.err], [0, '']);
  assert.match(whole.out, /^✓ The chain is whole: 4 links\. It ends at link 4 with [0-9a-f]{64}\.\n$/);
  await recordAudit(service, { actor: 'admin', kind: 'run.ended', subject: 'run-5', data: {} });
  const waiting = await audit(['verify']);
  assert.equal(waiting.code, 0);
  assert.match(waiting.out, /✓ 1 entry is not linked yet: 5, the oldest for \d+\.\d s\./);
  await tamper("UPDATE audit_events SET at = at - interval '2 minutes' WHERE seq = 5");
  const late = await audit(['verify']);
  assert.equal(late.code, 3);
  assert.match(late.out, /! 1 entry is not linked yet: 5.*Does the action service run\?/);
  await linkAudit(service);
});

test('export: filtered JSON lines and CSV, to standard output and to a new file only', async () => {
  const lines = (await audit(['export', '--actor', 'eve'])).out.trim().split('\n');
  assert.deepEqual(lines.map((line) => JSON.parse(line).subject), ['run-3', 'run-4']); // prettier-ignore
  const csv = await audit(['export', '--format=csv', '--kind=run.*', '--to', '2000-01-01']);
  assert.equal(csv.out, 'seq,at,actor,kind,subject,data,previousHash,hash\r\n');
  const out = join(folder.path, 'export.jsonl');
  assert.match((await audit(['export', '--out', out])).err, /✓ 5 entries in/);
  assert.equal((await readFile(out, 'utf8')).trim().split('\n').length, 5);
  assert.equal((await stat(out)).mode & 0o777, 0o600);
  assert.equal((await audit(['export', '--out', out])).code, 2);
});

test("seal: the owner may, the service's role may not; verify then checks the rest and the file", async () => {
  const out = join(folder.path, 'segment.jsonl');
  const seal = ['seal', '--before', '2999-01-01', '--out', out];
  const refused = await audit(seal, { DATABASE_MIGRATE_URL: '' });
  assert.equal(refused.code, 2);
  assert.match(refused.err, /permission denied.*Sealing takes the owner/);
  const sealed = await audit(seal);
  assert.equal(sealed.code, 0, sealed.err);
  assert.match(sealed.out, /^✓ Segment 1: 5 entries in .*segment\.jsonl \(SHA-256 [0-9a-f]{64}\)/);
  await linkAudit(service);
  const verified = await audit(['verify', '--file', out]);
  assert.equal(verified.code, 0);
  assert.match(verified.out, /segment\.jsonl is whole: 5 entries, links 1 to 5\.\n✓ It is the store's segment 1\.\n/);
  assert.match(verified.out, /The chain is whole: 1 link, after 5 entries in 1 sealed segment\. It ends at link 6/);
  assert.equal((await audit(['verify', '--file', out], { DATABASE_URL: '' })).code, 0);
  const text = await readFile(out, 'utf8');
  await writeFile(out, text.replace('run-2', 'run-0'));
  const changed = await audit(['verify', '--file', out]);
  assert.equal(changed.code, 1);
  assert.match(changed.out, /✗ .* is broken at line 3: Entry 2 was changed\.\n✗ The store knows no segment/);
});

test('verify: the first broken link is named, and ends with 1', async () => {
  await recordAudit(service, { actor: 'admin', kind: 'run.ended', subject: 'run-7', data: {} });
  await linkAudit(service);
  await tamper("UPDATE audit_events SET actor = 'nobody' WHERE subject = 'run-7'");
  const { code, out } = await audit(['verify']);
  assert.equal(code, 1);
  assert.match(
    out,
    /^✗ The chain is broken at link 7 \(entry 7\): Its entry is not what was linked: it was changed\.\n$/
  );
});

test('a wrong call and a store that cannot be asked end with 2 and say what to do', async () => {
  for (const [args, message] of [
    [[], /command: the command is verify, export or seal\.\n\nnpm run audit/],
    [['seal', '--before', '2026-01-01'], /seal wants --before DATE and --out FILE/],
    [['export', '--from', 'yesterday'], /^✗ audit: from: /],
    [['verify', '--database', 'postgres://x@127.0.0.1:9/x'], /ECONNREFUSED/],
  ] as const) {
    const { code, err } = await audit([...args]);
    assert.equal(code, 2, args.join(' '));
    assert.match(err, message);
  }
  assert.match((await audit(['verify'], { DATABASE_URL: '' })).err, /which store\?/);
});
