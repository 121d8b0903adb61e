import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { MaintenanceLogin } from '../connectors/postgresMaintenance.ts';
import { startActionOnPostgres, type ActionUnderTest } from '../test/postgresUnderTest.ts';
import type { DfrPostgres } from '../test/startDfrPostgres.ts';
import { waitUntil } from '../test/startServer.ts';
import { postgresVacuumAnalyze as action } from './postgresVacuumAnalyze.ts';

interface Snapshot {
  schema: string;
  name: string;
  lastVacuum: string | null;
  deadRows: number;
  maxSeconds: number;
}

const sql = new URL('../../../../provisioning/postgres/dfr-ops-maintenance.sql', import.meta.url);
let on: ActionUnderTest<Snapshot>;

/** A database of Odoo's, a table of which half the rows are dead, and the opt-in login. */
async function prepare({ admin, port }: DfrPostgres): Promise<{ maintenance: MaintenanceLogin }> {
  await admin.query('ALTER DATABASE postgres OWNER TO odoo; GRANT CREATE ON SCHEMA public TO odoo');
  await admin.query(
    'SET ROLE odoo; CREATE TABLE mail_mail (id int, body text) WITH (autovacuum_enabled = off); CREATE TABLE small (id int); CREATE SCHEMA audit; CREATE TABLE audit.log (id int); RESET ROLE; CREATE TABLE of_the_superuser (id int); ALTER TABLE of_the_superuser SET SCHEMA public'
  );
  await admin.query(await readFile(sql, 'utf8'));
  await admin.query(await readFile(sql, 'utf8'));
  await admin.query("ALTER ROLE dfr_ops_maintenance PASSWORD 'm'");
  return { maintenance: { url: `postgres://dfr_ops_maintenance@127.0.0.1:${port}/postgres`, password: 'm' } };
}
const fill = () =>
  on.dfr.admin.query(
    "TRUNCATE mail_mail; INSERT INTO mail_mail SELECT i, 'x' FROM generate_series(1, 20000) i; DELETE FROM mail_mail WHERE id > 10000"
  );
const deadTuples = {
  name: 'PostgresDeadTuples',
  labels: { datname: 'postgres', schemaname: 'public', relname: 'mail_mail' },
};

before(async () => {
  on = await startActionOnPostgres<Snapshot>(action, {}, { connect: prepare });
  await fill();
  await waitUntil(
    async () => (await on.postgres.tables()).tables[0]?.deadRows === 10_000,
    'the dead rows to be counted'
  );
});
after(() => on?.stop());

test('the table of the alert is preselected, and its dead rows are gone afterwards', async () => {
  const [field] = await action.form({ ...on.context, alert: deadTuples });
  assert.equal(field?.default, 'public.mail_mail');
  assert.match(field?.choices[0]?.label ?? '', /^public\.mail_mail: 10000 dead of 20000 rows, size not counted yet$/);
  const shown = await on.preview({}, deadTuples);
  assert.equal(shown.draft.statement, 'VACUUM (ANALYZE) "public"."mail_mail";');
  assert.ok(shown.draft.preconditions.every(({ ok }) => ok), JSON.stringify(shown.draft.preconditions)); // prettier-ignore
  assert.equal((await on.effect(shown)).state, 'pending');
  await on.run(shown);
  const effect = await on.effect(shown);
  assert.equal(effect.state, 'confirmed', effect.detail);
  assert.match(effect.detail, /was vacuumed at 20\S+; 0 dead rows \(10000 before\)/);
  // Its former VACUUM does not pass for a new one.
  const again = await on.preview({}, deadTuples);
  assert.match(again.draft.summary, /0 dead of 10000 rows, 0\.\d MB/);
  assert.equal((await on.effect(again)).state, 'pending');
});

test('an old transaction keeps dead rows: it is told before, and as the next step', async () => {
  const reader = await on.dfr.sit('report', 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM small');
  await fill();
  const shown = await on.preview({ table: 'public.mail_mail' });
  await on.run(shown);
  const effect = await on.effect(shown);
  assert.match(effect.detail, /was vacuumed at .*; 10000 dead rows/);
  const { activity } = on.postgres;
  on.postgres.activity = async () => (await activity()).map((one) => ({ ...one, xactSeconds: one.xactSeconds && one.xactSeconds + 600 })); // prettier-ignore
  try {
    const { parameters, draft } = await on.preview({ table: 'public.mail_mail' });
    assert.match(draft.warnings[0] ?? '', /open for 10 min \(pid \d+, odoo, application report, idle in transaction\)/);
    const next = await action.nextStep(on.context, { parameters, snapshot: draft.snapshot }, new Date());
    assert.match(next, /End that one \(postgres\.terminate-session\), then vacuum again/);
  } finally {
    on.postgres.activity = activity;
  }
  await reader.end();
});

test("what is not the login's own is refused beforehand; and a VACUUM of it succeeds and is not taken for an effect", async () => {
  await on.dfr.admin.query('REVOKE odoo FROM dfr_ops_maintenance');
  try {
    const shown = await on.preview({ table: 'public.mail_mail' });
    const failed = shown.draft.preconditions.find(({ ok }) => !ok);
    assert.match(failed?.detail ?? '', /dfr_ops_maintenance neither owns it nor may maintain it/);
    on.output.length = 0;
    await on.run(shown);
    assert.match(on.output.join(), /skipping "mail_mail"|"mail_mail", skipping it/);
    const effect = await on.effect(shown);
    assert.equal(effect.state, 'pending', 'which is "not confirmed" when its time is up');
    assert.match(effect.detail, /was not vacuumed: PostgreSQL counts no new VACUUM/);
  } finally {
    await on.dfr.admin.query('GRANT odoo TO dfr_ops_maintenance');
  }
});

test('only tables that the policy lists and that there are', async () => {
  const names = async (tables: string[]) => {
    const bounds = action.bounds.parse({ tables });
    return (await action.form({ ...on.context, bounds }))[0]!.choices.map(({ value }) => value).sort();
  };
  assert.deepEqual(await names(['public.*']), ['public.mail_mail', 'public.of_the_superuser', 'public.small']);
  assert.deepEqual(await names(['audit.log', 'public.gone']), ['audit.log']);
  assert.deepEqual(await names(['public.gone']), []);
  const bounds = action.bounds.parse({ tables: ['public.gone'] });
  assert.match((await action.preview({ ...on.context, bounds }, {})).refusal?.why ?? '', /No table fits public\.gone/);
  await assert.rejects(on.preview({ table: 'audit.log' }), /one of the choices/);
  await assert.rejects(on.preview({ table: 'mail_mail; DROP TABLE small' }), /one of the choices/);
});

test('an alert of another database preselects nothing; one that names a database only, the oldest table', async () => {
  const other = { ...deadTuples, labels: { ...deadTuples.labels, datname: 'other' } };
  const [field] = await action.form({ ...on.context, alert: other });
  assert.equal(field?.default, null);
  assert.match(field?.description ?? '', /about other, which the service does not reach/);
  const wraparound = { name: 'PostgresWraparound', labels: { datname: 'postgres' } };
  const [oldest] = await action.form({ ...on.context, alert: wraparound });
  assert.ok(oldest?.default);
  assert.match(oldest?.choices[0]?.label ?? '', /transactions old/);
});

test('a table that is vacuumed already is left in peace', async () => {
  await fill();
  const slow = new pg.Client({ host: '127.0.0.1', port: on.dfr.port, user: 'odoo', password: 'odoo-password', database: 'postgres' }); // prettier-ignore
  await slow.connect();
  await slow.query('SET vacuum_cost_delay = 100; SET vacuum_cost_limit = 1');
  const { rows } = await slow.query('SELECT pg_backend_pid() AS pid');
  const working = slow.query('VACUUM mail_mail').catch(() => {});
  await waitUntil(async () => (await on.postgres.tables()).tables.some(({ vacuumPid }) => vacuumPid === rows[0].pid), 'it to work'); // prettier-ignore
  const { draft } = await on.preview({ table: 'public.mail_mail' });
  assert.match(draft.preconditions.find(({ ok }) => !ok)?.detail ?? '', new RegExp(`pid ${rows[0].pid} is: wait`));
  await on.dfr.admin.query('SELECT pg_cancel_backend($1)', [rows[0].pid]);
  await working;
  await slow.end();
});

test('it does not queue behind a lock for ever, and says why', { timeout: 30_000 }, async () => {
  const locker = await on.dfr.sit('migration', 'BEGIN; LOCK TABLE mail_mail IN ACCESS EXCLUSIVE MODE');
  const shown = await on.preview({ table: 'public.mail_mail' });
  await assert.rejects(on.run(shown), /lock timeout/);
  await locker.end();
});

test('without the login it is unavailable, because …, and the login is read-only', async () => {
  const without = { ...on.context.connectors, postgres: { ...on.postgres, maintenance: null } };
  assert.match(action.lacking(without) ?? '', /the service has no such login \(DFR_POSTGRES_MAINTENANCE_URL/);
  assert.equal(action.lacking(on.context.connectors), null);
  const login = new pg.Client({ host: '127.0.0.1', port: on.dfr.port, user: 'dfr_ops_maintenance', password: 'm', database: 'postgres' }); // prettier-ignore
  await login.connect();
  await assert.rejects(login.query('DELETE FROM mail_mail'), /read-only transaction/);
  await login.end();
});

test('when all connections are taken it says so in the preview', async () => {
  for (let taken = 0, refused = false; taken < 40 && !refused; taken += 1) {
    refused = await on.dfr.sit('leaker').then(() => false, () => true); // prettier-ignore
  }
  await sleep(100);
  const { draft } = await on.preview({ table: 'public.mail_mail' });
  assert.match(
    draft.preconditions.find(({ ok }) => !ok)?.detail ?? '',
    /not let in: .*(too many clients|connection slots)/
  );
});
