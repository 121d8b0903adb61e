import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { connectPostgres, type PostgresConnector } from '../connectors/postgres.ts';
import { startDfrPostgres, type DfrPostgres } from '../test/startDfrPostgres.ts';
import { waitUntil } from '../test/startServer.ts';
import { silentLog } from '../test/startStore.ts';
import type { ActionContext, Draft } from './action.ts';
import { checkParameters } from './checkParameters.ts';
import { postgresTerminateIdle as action } from './postgresTerminateIdle.ts';

let dfr: DfrPostgres;
let postgres: PostgresConnector;
let context: ActionContext;
const output: string[] = [];
const narrator = {
  step: async () => {},
  output: async (text: string) => void output.push(text),
  signal: new AbortController().signal,
};

before(async () => {
  dfr = await startDfrPostgres(20);
  postgres = connectPostgres({ url: dfr.opsUrl, password: dfr.opsPassword, log: silentLog });
  await waitUntil(async () => postgres.trouble() === null, 'the connection');
  context = {
    connectors: { postgres, docker: null, nginxAgent: null, odoo: null, backup: null, alertmanager: null },
    names: { postgres: 'dfr_postgres_prod', odoo: 'o', nginx: 'n', backup: 'b', alertmanager: 'a' },
    bounds: action.bounds.parse({ minIdleSeconds: 1 }),
    person: 'amina',
    alert: null,
    now: () => new Date(),
  };
});
after(async () => {
  await postgres?.close();
  await dfr?.stop();
});

interface Snapshot {
  sessions: Array<{ pid: number; application: string }>;
}

async function draft(given: Record<string, string | number> = {}) {
  const { parameters, issues } = checkParameters(await action.form(context), given);
  assert.ok(parameters, JSON.stringify(issues));
  return { parameters, draft: (await action.preview(context, parameters)) as Draft<Snapshot> };
}

const pidOf = async (client: pg.Client) => (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid as number;

test('its role can do nothing but call its functions', async () => {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: dfr.port,
    user: 'dfr_ops',
    password: dfr.opsPassword,
    database: 'postgres',
  });
  await client.connect();
  for (const forbidden of [
    'SELECT pg_terminate_backend(1)',
    'SELECT * FROM dfr_ops.bounds',
    "UPDATE dfr_ops.bounds SET min_idle = '0'",
    'CREATE TABLE dfr_ops.mine (x int)',
    'ALTER FUNCTION dfr_ops.sessions() RENAME TO x',
    "SELECT dfr_ops.guarded(1, '', '', '', false, false)",
    "SELECT dfr_ops.may_ask('checkpoint')",
    'DELETE FROM dfr_ops.asked',
    'SELECT * FROM pg_file_settings',
    'CHECKPOINT',
    'SELECT pg_reload_conf()',
  ]) {
    const tried = await client.query(forbidden).then(
      ({ rows }) => rows,
      (error: Error) => error
    );
    // Ending a backend that is not there answers false with a warning; everything else is refused.
    assert.ok(tried instanceof Error || tried[0]?.pg_terminate_backend === false, forbidden);
  }
  await client.end();
});

test('the database refuses less idle time and more sessions than its bounds', async () => {
  const one = { pid: 1, backendStart: '2026-01-01T00:00:00Z' };
  await assert.rejects(postgres.terminateIdle([one], 0.5, 5), /least that this database allows/);
  await assert.rejects(postgres.terminateIdle(Array(101).fill(one), 5, 500), /more than the 100 allowed/);
  await assert.rejects(postgres.terminateIdle([one, one], 5, 1), /more than the 1 allowed/);
});

test('never ends a superuser, itself or a session whose pid is used again', async () => {
  await dfr.admin.query("CREATE ROLE chief SUPERUSER NOREPLICATION LOGIN PASSWORD 'chief-password'");
  const chief = new pg.Client({
    host: '127.0.0.1',
    port: dfr.port,
    user: 'chief',
    password: 'chief-password',
    database: 'postgres',
  });
  await chief.connect();
  const self = `SELECT pid, to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS start FROM pg_stat_activity WHERE pid = pg_backend_pid()`;
  const admin = (await chief.query(self)).rows[0];
  const leaked = await dfr.sit('leaker');
  const pid = await pidOf(leaked);
  await sleep(1100);
  const outcomes = await postgres.terminateIdle(
    [
      { pid: admin.pid, backendStart: admin.start },
      { pid, backendStart: '2026-01-01T00:00:00.000000Z' },
    ],
    1,
    5
  );
  assert.deepEqual(
    outcomes.map(({ outcome }) => outcome),
    ['refused', 'vanished']
  );
  assert.equal(await pidOf(leaked), pid);
  assert.ok(!(await postgres.sessions()).some((session) => session.pid === admin.pid));
  await chief.end();
  await leaked.end();
});

test('ends what was shown, as far as it still matches, and reports the rest', async () => {
  const [idle, working, leaving, open] = await Promise.all([
    dfr.sit('idle'),
    dfr.sit('working'),
    dfr.sit('leaving'),
    dfr.sit('open', 'BEGIN'),
  ]);
  await sleep(1200);
  const { parameters, draft: shown } = await draft();
  assert.equal(shown.snapshot.sessions.length, 4);
  assert.match(shown.summary, /^Would end 4 sessions, the oldest idle for 1 s; \d+ of 20 connections are taken\.$/);
  assert.equal(shown.warnings[0], 'Ends sessions of: idle 1, leaving 1, open 1, working 1.');
  assert.match(shown.warnings[1] ?? '', /open transaction/);
  assert.match(
    shown.statement,
    /FROM dfr_ops\.terminate_idle\(\n {2}'\[\n {4}\{"pid":\d+,"backend_start":"20[^\n]+\},\n {4}\{"pid"/
  );
  await leaving!.end();
  await working!.query('SELECT 1');
  const late = await dfr.sit('late');
  await sleep(100);
  output.length = 0;
  await action.run(context, { parameters, snapshot: shown.snapshot }, narrator);
  assert.match(output.join('\n'), /2 sessions ended[^]*1 session had gone[^]*1 session were left alone/);
  await assert.rejects(idle!.query('SELECT 1'));
  await assert.rejects(open!.query('SELECT 1'));
  await pidOf(working!);
  await pidOf(late);
  const effect = await action.effect(context, { parameters, snapshot: shown.snapshot });
  assert.equal(effect.state, 'confirmed', effect.detail);
  assert.match(effect.detail, /3 of the 4 sessions shown are gone, 1 work again/);
  await Promise.all([working!.end(), late.end()]);
});

test('looks at each session when its turn comes: one that works by then is left alone', async () => {
  const [stuck, awake] = [await dfr.sit('stuck'), await dfr.sit('awake')];
  const stuckPid = await pidOf(stuck);
  await pidOf(awake);
  await sleep(1100);
  const targets = (await postgres.sessions()).filter((one) => ['stuck', 'awake'].includes(one.application));
  targets.sort((one, other) => other.application.localeCompare(one.application));
  assert.deepEqual(
    targets.map(({ application }) => application),
    ['stuck', 'awake']
  );
  process.kill(stuckPid, 'SIGSTOP');
  try {
    const ending = postgres.terminateIdle(targets, 1, 5);
    await sleep(500);
    const working = awake.query('SELECT pg_sleep(3)');
    assert.deepEqual(
      (await ending).map(({ outcome }) => outcome),
      ['not_ended', 'busy']
    );
    await working;
  } finally {
    process.kill(stuckPid, 'SIGCONT');
  }
  await awake.end();
});

test("names whom it hits: the most first, and that Odoo's own come back by themselves", async () => {
  const sessions = [
    await dfr.sit('odoo'),
    await dfr.sit('leaky-report'),
    await dfr.sit(''),
    await dfr.sit('leaky-report'),
    await dfr.sit('odoo-31415'),
  ];
  await sleep(1100);
  const { draft: shown } = await draft();
  assert.deepEqual(shown.warnings, [
    'Ends sessions of: leaky-report 2, odoo 2 (Odoo reconnects by itself), (no name) 1.',
  ]);
  await Promise.all(sessions.map((session) => session.end()));
});

test('the statement is what PostgreSQL takes, word for word', async () => {
  const gone = await dfr.sit('gone');
  await sleep(1100);
  const { draft: shown } = await draft({ application: 'gone' });
  await gone.end();
  await sleep(200);
  const client = new pg.Client({
    host: '127.0.0.1',
    port: dfr.port,
    user: 'dfr_ops',
    password: dfr.opsPassword,
    database: 'postgres',
  });
  await client.connect();
  const { rows } = await client.query(shown.statement);
  await client.end();
  assert.deepEqual(
    rows.map(({ outcome }) => outcome),
    ['vanished']
  );
});

test('leaves a backup alone that sits idle in its transaction while its other processes work', async () => {
  const dump = await dfr.sit('pg_dump', 'BEGIN');
  await sleep(1100);
  const { draft: shown } = await draft({ minIdleSeconds: 1 });
  assert.ok(!shown.snapshot.sessions.some(({ application }) => application === 'pg_dump'));
  const targets = (await postgres.sessions()).filter(({ application }) => application === 'pg_dump');
  assert.deepEqual(
    (await postgres.terminateIdle(targets, 1, 5)).map(({ outcome }) => outcome),
    ['refused']
  );
  await dump.end();
});

test('shows nothing to run when nothing is idle for long enough', async () => {
  const young = await dfr.sit('young');
  const { draft: shown } = await draft({ minIdleSeconds: 600 });
  assert.match(shown.refusal?.why ?? '', /idle for 600 s/);
  await young.end();
});

test('works when all connections are taken, then ends up to 100, and names who comes back', async () => {
  const full: pg.Client[] = [];
  for (;;) {
    try {
      full.push(await dfr.sit('leaker'));
    } catch (error) {
      assert.equal((error as { code?: string }).code, '53300');
      break;
    }
  }
  await sleep(1100);
  const form = await action.form(context);
  assert.equal(form.find((one) => one.name === 'maxSessions')?.max, 100);
  const { parameters, draft: shown } = await draft({ application: 'leaker' });
  assert.equal(shown.snapshot.sessions.length, full.length);
  const actedAt = new Date();
  await action.run(context, { parameters, snapshot: shown.snapshot }, narrator);
  assert.equal((await action.effect(context, { parameters, snapshot: shown.snapshot })).state, 'confirmed');
  await Promise.all([dfr.sit('leaker'), dfr.sit('leaker'), dfr.sit('leaker')]);
  const next = await action.nextStep(context, { parameters, snapshot: shown.snapshot }, actedAt);
  assert.match(next, /Connections are back: 3 new sessions of user odoo from application leaker at 127\.0\.0\.1/);
});

test('a connection that hangs is given up and opened anew', async () => {
  const impatient = connectPostgres({
    url: dfr.opsUrl,
    password: dfr.opsPassword,
    log: silentLog,
    queryTimeoutMs: 500,
  });
  const pids = async () =>
    (await dfr.admin.query("SELECT pid FROM pg_stat_activity WHERE usename = 'dfr_ops' ORDER BY backend_start")).rows;
  await waitUntil(async () => impatient.trouble() === null, 'the connection');
  const { pid } = (await pids()).at(-1);
  process.kill(pid, 'SIGSTOP');
  const began = Date.now();
  try {
    const answers = await Promise.allSettled([impatient.headroom(), impatient.headroom()]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      ['rejected', 'rejected']
    );
    await waitUntil(async () => impatient.headroom().then(() => true, () => false), 'a new connection'); // prettier-ignore
    assert.ok(Date.now() - began < 3000, 'it is not left to the next look at the connection');
  } finally {
    process.kill(pid, 'SIGCONT');
    await impatient.close();
  }
});

test('says that the database does not answer, and comes back when it does', async () => {
  await dfr.admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'dfr_ops'");
  await waitUntil(async () => postgres.trouble() !== null, 'the loss to be noticed', 5);
  await assert.rejects(postgres.sessions(), /does not answer/);
  await waitUntil(async () => postgres.trouble() === null, 'the new connection', 5);
  assert.ok((await postgres.headroom()).maxConnections > 0);
});

test("production's bound in the database is a minute", async () => {
  const strict = await startDfrPostgres(10, { demo: false });
  const strictly = connectPostgres({ url: strict.opsUrl, password: strict.opsPassword, log: silentLog });
  await waitUntil(async () => strictly.trouble() === null, 'the connection');
  await assert.rejects(strictly.terminateIdle([], 59, 5), /00:01:00/);
  await strictly.close();
  await strict.stop();
});
