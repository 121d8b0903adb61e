import assert from 'node:assert/strict';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { startActionOnPostgres, type ActionUnderTest } from '../test/postgresUnderTest.ts';
import { waitUntil } from '../test/startServer.ts';
import { postgresReloadConf as action } from './postgresReloadConf.ts';

let on: ActionUnderTest<{ confLoaded: string }>;
let original: string;
const file = () => join(on.dfr.data, 'postgresql.conf');
const show = async (name: string) => (await on.dfr.admin.query(`SHOW ${name}`)).rows[0][name] as string;

before(async () => {
  on = await startActionOnPostgres(action, {});
  original = await readFile(file(), 'utf8');
  await on.dfr.admin.query("UPDATE dfr_ops.bounds SET upkeep_every = '0'");
});
afterEach(() => writeFile(file(), original));
after(() => on?.stop());

test('what was changed in the file is shown, and in force afterwards', async () => {
  await appendFile(file(), "\nlog_min_duration_statement = 1234\narchive_command = 'cp %p secret-place'\n");
  const shown = await on.preview();
  assert.match(shown.draft.summary, /^Would put 2 settings into force/);
  const rows = new Map(shown.draft.affected.rows.map((row) => [row[0], row]));
  assert.deepEqual(rows.get('log_min_duration_statement')?.slice(1, 3), ['-1', '1234']);
  assert.match(rows.get('log_min_duration_statement')?.[3] ?? '', /postgresql\.conf:\d+$/);
  assert.ok(!JSON.stringify(shown.draft).includes('secret-place'), 'a text may hold a password');
  assert.ok(shown.draft.preconditions.every(({ ok }) => ok));
  assert.equal((await on.effect(shown)).state, 'pending');
  await on.run(shown);
  await waitUntil(async () => (await on.effect(shown)).state === 'confirmed', 'the effect', 5);
  assert.equal(await show('log_min_duration_statement'), '1234ms');
});

test('a line that is gone from the file is shown too', async () => {
  await appendFile(file(), '\nlog_lock_waits = on\n');
  const first = await on.preview();
  await on.run(first);
  await waitUntil(async () => (await on.effect(first)).state === 'confirmed', 'the effect', 5);
  await writeFile(file(), original);
  const { draft } = await on.preview();
  assert.deepEqual(
    draft.affected.rows.find(([name]) => name === 'log_lock_waits'),
    ['log_lock_waits', 'on', 'off', 'no longer in a file']
  );
  await on.run(first);
  await waitUntil(async () => (await show('log_lock_waits')) === 'off', 'the default to be back', 5);
});

test('what takes a restart, or is overridden on the command line, stops nothing and is told', async () => {
  await appendFile(file(), '\nmax_worker_processes = 9\nmax_connections = 500\n');
  const { draft } = await on.preview();
  assert.ok(draft.preconditions.every(({ ok }) => ok), JSON.stringify(draft.preconditions)); // prettier-ignore
  assert.match(draft.summary, /no setting differs as it is written/);
  assert.deepEqual(
    draft.warnings[0],
    'max_worker_processes takes a restart: reading the file does not put it into force.'
  );
  assert.ok(!draft.affected.rows.some(([name]) => name === 'max_connections'));
});

for (const [title, line, words] of [
  ['a line that cannot be read', 'work_mem 64 MB oops', /syntax error/],
  ['a wrong value', "work_mem = 'much'", /postgresql\.conf:\d+ work_mem: setting could not be applied/],
] as const) {
  test(`${title} stops it, in the preview and in the database`, async () => {
    const shown = await on.preview();
    await appendFile(file(), `\n${line}\n`);
    const [precondition] = (await on.preview()).draft.preconditions;
    assert.equal(precondition?.ok, false);
    assert.match(precondition?.detail ?? '', words);
    await assert.rejects(on.run(shown), /refused, since a file has errors/);
    assert.equal((await on.effect(shown)).state, 'pending');
  });
}

test('an error in the rules of access stops it as well', async () => {
  const rules = join(on.dfr.data, 'pg_hba.conf');
  const former = await readFile(rules, 'utf8');
  await appendFile(rules, '\nhost all all nowhere-at-all/99 trust\n');
  assert.match((await on.preview()).draft.preconditions[0]?.detail ?? '', /pg_hba\.conf:\d+: .*invalid/);
  await writeFile(rules, former);
  assert.equal((await on.preview()).draft.preconditions[0]?.ok, true);
});

test('twice within the bound is refused', async () => {
  await on.dfr.admin.query("UPDATE dfr_ops.bounds SET upkeep_every = '5 minutes'; DELETE FROM dfr_ops.asked");
  const shown = await on.preview();
  await on.run(shown);
  await assert.rejects(on.run(shown), /it was asked for shortly before/);
  assert.equal((await on.preview()).draft.preconditions[1]?.ok, false);
});
