import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { callRpc } from '../test/jsonrpc.ts';
import { makeScratchPostgres, type ScratchPostgres } from '../test/scratchPostgres.ts';
import { until } from '../test/standInProcess.ts';
import { odooContract } from './contract.ts';
import { startOdoo } from './startOdoo.ts';

const admin = { login: 'admin', password: 'a-password-of-the-test' };
let postgres: ScratchPostgres;
let odoo: Awaited<ReturnType<typeof startOdoo>>;
let database: pg.Client;
let log = '';

const start = (cronSeconds: number, write: (text: string) => void) =>
  startOdoo(
    {
      listen: { host: '127.0.0.1', port: 0 },
      databaseUrl: postgres.url,
      databaseName: 'dfr',
      admin,
      poolSize: 3,
      workers: 0,
      cronSeconds,
    },
    write
  );

before(async () => {
  postgres = await makeScratchPostgres(20);
  // Crons are run by hand here.
  odoo = await start(3600, (text) => (log += text));
  database = await postgres.connectAsSuperuser();
  await until(
    'the first round of crons is over',
    async () => (await value('SELECT count(*)::int FROM ir_cron WHERE lastcall IS NOT NULL')) === 4
  );
});
after(async () => {
  await database.end();
  await odoo.stop();
  await postgres.remove();
});

odooContract('stand-in', () => ({ url: odoo.url, database: 'dfr', ...admin }));

async function value(sql: string, values: unknown[] = []): Promise<unknown> {
  return Object.values((await database.query(sql, values)).rows[0] ?? {})[0];
}

const execute = (model: string, method: string, args: unknown[]) =>
  callRpc(odoo.url, 'object', 'execute_kw', ['dfr', 2, admin.password, model, method, args, {}]);

test('it keeps its connections open under its own name', async () => {
  assert.equal(
    await value("SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'odoo' AND usename = 'odoo'"),
    3
  );
});

test('connections that are ended are missed and opened anew', async () => {
  // Several times: whether a request meets an ended connection is a race.
  for (let round = 0; round < 5; round++) {
    const asked = Array.from({ length: 6 }, () => fetch(`${odoo.url}/web/login`));
    await database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'odoo'");
    await Promise.allSettled(asked);
    assert.equal((await fetch(`${odoo.url}/web/login`)).status, 200);
  }
  await until(
    'three connections again',
    async () => (await value("SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'odoo'")) === 3,
    20
  );
  assert.match(
    log,
    /WARNING dfr odoo\.sql_db: Connection to the database lost: terminating connection due to administrator command/
  );
});

test('the monitoring finds its signals in these tables', async () => {
  await database.query(
    readFileSync(join(import.meta.dirname, '../../../../provisioning/postgres/dfr-monitor.sql'), 'utf8')
  );
  await database.query('SET ROLE dfr_monitor');
  try {
    const crons = await database.query('SELECT cron, overdue_seconds, failures FROM dfr_signals.crons()');
    assert.equal(crons.rows.length, 4);
    assert.ok(
      crons.rows.every((row) => row.cron.includes(':') && row.failures === 0 && row.overdue_seconds < 60),
      JSON.stringify(crons.rows)
    );
    assert.deepEqual(
      (
        await database.query(
          "SELECT state, mails > 0 AS some FROM dfr_signals.mails() WHERE state IN ('sent', 'exception') ORDER BY state"
        )
      ).rows,
      [
        { state: 'exception', some: true },
        { state: 'sent', some: true },
      ]
    );
    assert.equal(await value('SELECT sum(jobs)::int FROM dfr_signals.jobs()'), 2);
    const { rows: ages } = await database.query(
      'SELECT state, oldest_seconds FROM dfr_signals.job_ages() ORDER BY state'
    );
    assert.deepEqual(ages, [
      { state: 'enqueued', oldest_seconds: 0 },
      { state: 'pending', oldest_seconds: 0 },
      { state: 'started', oldest_seconds: 0 },
    ]);
    assert.equal(await value('SELECT sum(modules)::int FROM dfr_signals.pending_modules()'), 0);
    assert.equal(await value('SELECT sessions FROM dfr_signals.sessions()'), 4);
    assert.equal(await value('SELECT users FROM dfr_signals.online_users()'), 4);
    assert.equal(await value('SELECT users FROM dfr_signals.logins()'), 4);
    assert.equal(await value('SELECT bytes FROM dfr_signals.filestore_bytes()'), 20 * 40_000 + 1000 * 210);
    assert.equal(await value('SELECT count(*)::int FROM dfr_signals.deactivated_crons()'), 0);
    assert.equal(await value('SELECT users FROM dfr_signals.users()'), 5);
    assert.ok(Number(await value('SELECT registrations FROM dfr_signals.registrations()')) > 2400);
    await assert.rejects(database.query('SELECT FROM dfr_farmer'), /permission denied/);
  } finally {
    await database.query('RESET ROLE');
  }
});

test('a second start keeps what is there and what was changed', async () => {
  await database.query("UPDATE ir_cron SET active = false WHERE cron_name LIKE 'Base:%'");
  const counts =
    "SELECT (SELECT count(*) FROM ir_cron) || ' ' || (SELECT count(*) FROM res_users) || ' ' || (SELECT count(*) FROM queue_job)";
  const before = await value(counts);
  const second = await start(3600, () => {});
  assert.equal(await value(counts), before);
  assert.equal(await value("SELECT active FROM ir_cron WHERE cron_name LIKE 'Base:%'"), false);
  await second.stop();
  await database.query("UPDATE ir_cron SET active = true WHERE cron_name LIKE 'Base:%'");
});

test('running a cron by hand sends the queue and advances lastcall; a locked one is refused', async () => {
  await database.query("INSERT INTO mail_mail (email_to) SELECT 'a@dfr.example' FROM generate_series(1, 30)");
  await database.query("INSERT INTO mail_mail (email_to) VALUES ('nowhere')");
  await database.query("UPDATE ir_cron SET lastcall = '2026-01-01' WHERE cron_name LIKE 'Mail:%'");
  const id = await value("SELECT id FROM ir_cron WHERE cron_name LIKE 'Mail:%'");
  assert.equal((await execute('ir.cron', 'method_direct_trigger', [[id]])).result, true);
  assert.equal(await value("SELECT count(*)::int FROM mail_mail WHERE state = 'outgoing'"), 0);
  assert.equal(
    await value("SELECT state || ' ' || failure_type FROM mail_mail WHERE email_to = 'nowhere'"),
    'exception mail_email_invalid'
  );
  assert.equal(
    await value("SELECT lastcall > (now() AT TIME ZONE 'UTC') - interval '10 s' FROM ir_cron WHERE id = $1", [id]),
    true
  );
  assert.equal(await value('SELECT write_date >= lastcall FROM ir_cron WHERE id = $1', [id]), true);
  await database.query('BEGIN');
  await database.query('SELECT FROM ir_cron WHERE id = $1 FOR UPDATE', [id]);
  const refused = await execute('ir.cron', 'method_direct_trigger', [[id]]);
  await database.query('ROLLBACK');
  assert.match(refused.error?.data.message ?? '', /currently being executed/);
});

test('mails go back to the queue, jobs too, users are locked but never oneself', async () => {
  const mail = await value(
    "INSERT INTO mail_mail (email_to, state) VALUES ('b@dfr.example', 'exception') RETURNING id"
  );
  assert.equal((await execute('mail.mail', 'mark_outgoing', [[mail]])).result, true);
  assert.equal(await value('SELECT state FROM mail_mail WHERE id = $1', [mail]), 'outgoing');
  const job = await value("SELECT id FROM queue_job WHERE state = 'failed'");
  assert.equal((await execute('queue.job', 'requeue', [[job]])).result, true);
  assert.equal(await value('SELECT state FROM queue_job WHERE id = $1', [job]), 'pending');
  assert.equal((await execute('res.users', 'write', [[6], { active: false }])).result, true);
  assert.equal(await value('SELECT active FROM res_users WHERE id = 6'), false);
  for (const id of [1, 2]) {
    assert.equal(
      (await execute('res.users', 'write', [[id], { active: false }])).error?.data.name,
      'odoo.exceptions.UserError'
    );
  }
  assert.equal(await value('SELECT active FROM res_users WHERE id = 2'), true);
  assert.match((await execute('res.users', 'write', [[6], { login: 'x' }])).error?.data.name ?? '', /ValueError/);
  assert.match(
    (await execute('mail.mail', 'mark_outgoing', [[mail, 99_999_999]])).error?.data.name ?? '',
    /MissingError/
  );
});

test("log lines are in Odoo's format, and say what it is", async () => {
  await fetch(`${odoo.url}/web/health?a="b"%0a`);
  await execute('ir.cron', 'explode', [[1]]);
  await until('both are written', () => /\/web\/health\?a=/.test(log) && /AttributeError/.test(log));
  assert.match(log, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ WARNING dfr odoo: This is a STAND-IN for Odoo 18/);
  assert.match(
    log,
    /^\S+ \S+ \d+ INFO dfr werkzeug: 127\.0\.0\.1 - - \[\d\d\/\w{3}\/\d{4} [\d:]+\] "GET \/web\/health\?a=.*HTTP\/1\.1" 200 - [\d.]+$/m
  );
  assert.match(
    log,
    /ERROR dfr odoo\.http: Exception during request handling\.\nTraceback \(most recent call last\):\n(  at .*\n)+builtins\.AttributeError: The method 'ir\.cron\.explode' does not exist\n/
  );
});

test('due crons run by themselves and farmers are registered; failures are counted; a pending module stops them', async () => {
  const other = await start(0.1, () => {});
  try {
    const farmers = Number(await value('SELECT count(*) FROM dfr_farmer'));
    await database.query(
      "UPDATE ir_cron SET nextcall = (now() AT TIME ZONE 'UTC') - interval '90 s' WHERE cron_name LIKE 'DFR: Register%'"
    );
    await until(
      'farmers were registered',
      async () => Number(await value('SELECT count(*) FROM dfr_farmer')) > farmers
    );
    const seconds = Number(
      await value(
        "SELECT extract(epoch FROM nextcall - (now() AT TIME ZONE 'UTC')) FROM ir_cron WHERE cron_name LIKE 'DFR: Register%'"
      )
    );
    assert.ok(seconds > 20 && seconds <= 30, `next in ${seconds} s: the grid of whole minutes was left`);

    const insert =
      "INSERT INTO ir_cron (cron_name, user_id, interval_type, nextcall, failure_count, first_failure_date) VALUES ($1, 1, 'minutes', now() AT TIME ZONE 'UTC', $2, $3) RETURNING id";
    const young = await value(insert, ['Gone 1', 0, null]);
    const old = await value(insert, ['Gone 2', 4, '2026-01-01']);
    const state = (id: unknown) =>
      value(
        "SELECT failure_count || ' ' || active || ' ' || (first_failure_date IS NOT NULL) FROM ir_cron WHERE id = $1",
        [id]
      );
    await until(
      'both failed',
      async () => (await state(young)) === '1 true true' && (await state(old)) === '0 false false'
    );
    assert.equal(
      await value('SELECT lastcall > write_date FROM ir_cron WHERE id = $1', [old]),
      true,
      'Odoo gives a cron up without a word: only that tells it from one that a person switched off'
    );

    const deactivated = () => value('SELECT cron FROM dfr_signals.deactivated_crons()');
    assert.equal(await deactivated(), `Gone 2 (${old})`);
    assert.equal((await execute('ir.cron', 'write', [[old], { active: false }])).result, true);
    assert.equal(await deactivated(), undefined, 'a person has taken note');

    await database.query(
      "INSERT INTO queue_job (name, eta) VALUES ('later', now() AT TIME ZONE 'UTC' + interval '1 hour'), ('now', NULL)"
    );
    await database.query("UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' WHERE cron_name LIKE 'DFR: Run%'");
    await until(
      'the job without a time is done',
      async () => (await value("SELECT state FROM queue_job WHERE name = 'now'")) === 'done'
    );
    assert.equal(await value("SELECT state FROM queue_job WHERE name = 'later'"), 'pending');

    await database.query("UPDATE ir_module_module SET state = 'to upgrade' WHERE name = 'mail'");
    await sleep(300);
    await database.query(
      "UPDATE ir_cron SET lastcall = NULL, nextcall = now() AT TIME ZONE 'UTC' WHERE cron_name LIKE 'DFR: Run%'"
    );
    await sleep(500);
    assert.equal(await value("SELECT lastcall FROM ir_cron WHERE cron_name LIKE 'DFR: Run%'"), null);
    await database.query("UPDATE ir_module_module SET state = 'installed' WHERE name = 'mail'");
    await until(
      'it runs again',
      async () => (await value("SELECT lastcall FROM ir_cron WHERE cron_name LIKE 'DFR: Run%'")) !== null
    );
  } finally {
    await other.stop();
  }
});
