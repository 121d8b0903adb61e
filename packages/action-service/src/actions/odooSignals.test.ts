import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { connectOdoo, type OdooConnector } from '../connectors/odoo.ts';
import { connectPostgres, type PostgresConnector } from '../connectors/postgres.ts';
import { handsOn, startDockerOf, startOdoo, type OdooUnderTest } from '../test/startOdoo.ts';
import { waitUntil } from '../test/startServer.ts';
import { silentLog } from '../test/startStore.ts';
import type { Action, ActionContext } from './action.ts';
import { odooDumpStacks } from './odooDumpStacks.ts';
import { odooReload } from './odooReload.ts';
import { odooWorkerAdd } from './odooWorkerAdd.ts';
import { odooWorkerRemove } from './odooWorkerRemove.ts';

let dfr: OdooUnderTest;
let engine: Awaited<ReturnType<typeof startDockerOf>>;
let postgres: PostgresConnector;
let hands: ReturnType<typeof handsOn>;
const slow = 60;

before(async () => {
  dfr = await startOdoo({ ODOO_WORKERS: '2' });
  engine = await startDockerOf(dfr);
  await dfr.database.query('CREATE ROLE dfr_ops LOGIN');
  await dfr.database.query(
    await readFile(new URL('../../../../provisioning/postgres/dfr-ops.sql', import.meta.url), 'utf8')
  );
  postgres = connectPostgres({
    url: dfr.postgres.url.replace('//odoo@', '//dfr_ops@'),
    password: null,
    log: silentLog,
  });
  await waitUntil(async () => postgres.trouble() === null, 'the connection');
  hands = handsOn({ odoo: dfr.odoo, docker: engine.docker, postgres });
  await workersAre(2);
});
after(async () => {
  await postgres?.close();
  await engine?.stop();
  await dfr?.stop();
});
beforeEach(() => {
  engine.world.running = true;
  engine.world.signals = [];
});

const workers = async () =>
  (await engine.docker.processes('dfr_odoo_prod')).filter((one) => one.command.startsWith('odoo: WorkerHTTP'));
const workersAre = (count: number) =>
  waitUntil(async () => (await workers()).length === count, `${count} workers`, slow);
const failing = async (action: Action, context: ActionContext) =>
  (await hands.draft(action, context)).draft.preconditions
    .filter((one) => !one.ok)
    .map((one) => `${one.name}: ${one.detail}`);
const confirmed = (action: Action, context: ActionContext, input: Parameters<Action['effect']>[1]) =>
  waitUntil(
    async () => (await action.effect(context, input)).state === 'confirmed',
    `the effect of ${action.id}`,
    slow
  );

test('one worker more is there soon; one fewer is only wanted, until one ends', async () => {
  const context = hands.contextOf(odooWorkerAdd, { minFreeMebibytes: 1 });
  const { draft, input } = await hands.draft(odooWorkerAdd, context);
  assert.equal(draft.summary, 'Would have 3 processes of Odoo answer requests instead of 2.');
  assert.deepEqual(draft.preconditions.filter((one) => !one.ok), []); // prettier-ignore
  assert.equal((await odooWorkerAdd.effect(context, input)).state, 'pending');
  await hands.run(odooWorkerAdd, context, input);
  await confirmed(odooWorkerAdd, context, input);
  await workersAre(3);
  assert.equal(odooWorkerAdd.rollback, odooWorkerRemove.id);

  const back = hands.contextOf(odooWorkerRemove);
  const fewer = await hands.draft(odooWorkerRemove, back);
  await hands.run(odooWorkerRemove, back, fewer.input);
  const early = await odooWorkerRemove.effect(back, fewer.input);
  assert.match(`${early.state}: ${early.detail}`, /^unknown: The signal was sent and 3 workers still answer/);
  process.kill((await workers())[0]!.pid, 'SIGKILL');
  await workersAre(2);
  await confirmed(odooWorkerRemove, back, fewer.input);
  await sleep(1500);
  assert.equal((await workers()).length, 2);
});

test('no worker beyond the bounds, without memory or without connections; the last one stays', async () => {
  const add = (bounds: object) => failing(odooWorkerAdd, hands.contextOf(odooWorkerAdd, bounds));
  assert.match(
    (await add({ minFreeMebibytes: 1, maxWorkers: 2 })).join(),
    /^At most 2 workers: 2 answer requests now\.$/
  );
  assert.match(
    (await add({ minFreeMebibytes: 100_000_000 })).join(),
    /^There is memory for one more: \d+ MiB are free/
  );
  assert.match(
    (await add({ minFreeMebibytes: 1, minFreeConnections: 39 })).join(),
    /connections for one more: \d+ of 40 are free/
  );
  const remove = await failing(odooWorkerRemove, hands.contextOf(odooWorkerRemove, { minWorkers: 2 }));
  assert.match(remove.join(), /^At least 2 workers stay: 2 answer/);
  const limited = handsOn({
    odoo: dfr.odoo,
    postgres,
    docker: {
      ...engine.docker,
      inspect: async (name) => ({ ...(await engine.docker.inspect(name)), memoryLimitBytes: 1024 * 1024 }),
    },
  });
  const { draft } = await limited.draft(odooWorkerAdd, limited.contextOf(odooWorkerAdd, { minFreeMebibytes: 1 }));
  assert.match(
    draft.preconditions.find((one) => !one.ok)?.detail ?? '',
    /^-\d+ MiB are free/,
    "the container's own limit"
  );
});

test('a reload replaces every process below the main one, and Odoo answers again', async () => {
  const context = hands.contextOf(odooReload);
  const { draft, input } = await hands.draft(odooReload, context);
  assert.deepEqual(draft.preconditions.filter((one) => !one.ok), []); // prettier-ignore
  assert.equal((input.snapshot as { forked: number[] }).forked.length, 2);
  assert.equal((await odooReload.effect(context, input)).state, 'pending');
  const main = dfr.pid();
  await hands.run(odooReload, context, input);
  await confirmed(odooReload, context, input);
  assert.equal(dfr.pid(), main);
  assert.ok((await dfr.odoo.health()).ok);
  await workersAre(2);
});

test('no reload in the middle of an update, or while Odoo works for long', async () => {
  const context = hands.contextOf(odooReload, { longWorkSeconds: 1 });
  await dfr.database.query("UPDATE ir_module_module SET state = 'to upgrade' WHERE name = 'mail'");
  const cron = new pg.Client({ connectionString: dfr.postgres.url, application_name: 'odoo-4711' });
  await cron.connect();
  try {
    await cron.query('BEGIN');
    await cron.query('SELECT FROM ir_cron FOR UPDATE');
    await sleep(1300);
    const why = await failing(odooReload, context);
    assert.equal(why.length, 2);
    assert.match(why[0] ?? '', /mail \(to upgrade\): finish or undo that first/);
    assert.match(why[1] ?? '', /Session \d+ of Odoo is idle in transaction for \d s: wait for it/);
  } finally {
    await cron.end();
    await dfr.database.query("UPDATE ir_module_module SET state = 'installed' WHERE name = 'mail'");
  }
  assert.deepEqual(await failing(odooReload, context), []);
});

test('a reload is possible where Odoo does not answer, and says what could not be looked at', async () => {
  const dumb: OdooConnector = connectOdoo({ url: 'http://127.0.0.1:9', db: 'dfr', login: 'admin', password: 'x' });
  const blind = handsOn({ odoo: dumb, docker: engine.docker });
  const context = blind.contextOf(odooReload);
  const { draft, input } = await blind.draft(odooReload, context);
  assert.match(draft.preconditions[1]?.detail ?? '', /^not looked at: Odoo does not answer/);
  assert.match(draft.preconditions[2]?.detail ?? '', /^not looked at: .*PostgreSQL/);
  const effect = await odooReload.effect(context, input);
  assert.match(
    `${effect.state}: ${effect.detail}`,
    /^pending: 2 of its 2 processes are left, 0 are new; .*does not answer/
  );
});

test('stacks are asked for, and seen in the log; older ones do not count', async () => {
  const context = hands.contextOf(odooDumpStacks);
  const { input, draft } = await hands.draft(odooDumpStacks, context);
  assert.match(draft.warnings[0] ?? '', /only the main process/);
  assert.equal((await odooDumpStacks.effect(context, input)).state, 'pending');
  await hands.run(odooDumpStacks, context, input);
  await confirmed(odooDumpStacks, context, input);
  await sleep(1100);
  const later = await hands.draft(odooDumpStacks, context);
  assert.equal((await odooDumpStacks.effect(context, later.input)).state, 'pending');
});

test('a container that does not run is sent nothing', async () => {
  const context = hands.contextOf(odooReload);
  const { input } = await hands.draft(odooReload, context);
  engine.world.running = false;
  for (const action of [odooReload, odooWorkerAdd, odooWorkerRemove, odooDumpStacks]) {
    const why = await failing(action, hands.contextOf(action));
    assert.match(why[0] ?? '', /dfr_odoo_prod is exited \(exit code 137\): it must be started/, action.id);
  }
  await assert.rejects(hands.run(odooReload, context, input), /Docker refused: container \w+ is not running/);
  assert.deepEqual(engine.world.signals, []);
});

test('an Odoo that is one process has no workers to add; its reload is seen by its sessions', async () => {
  const single = await startOdoo();
  const singleEngine = await startDockerOf(single);
  const alone = handsOn({ odoo: single.odoo, docker: singleEngine.docker });
  try {
    const { draft } = await alone.draft(odooWorkerAdd, alone.contextOf(odooWorkerAdd, { minFreeMebibytes: 1 }));
    assert.match(draft.preconditions.find((one) => !one.ok)?.detail ?? '', /^It is one process: set `workers`/);
    const blind = await alone.draft(odooReload, alone.contextOf(odooReload));
    assert.match(blind.draft.preconditions.find((one) => !one.ok)?.detail ?? '', /use odoo\.restart/);

    await single.database.query('CREATE ROLE dfr_ops LOGIN');
    await single.database.query(await readFile(new URL('../../../../provisioning/postgres/dfr-ops.sql', import.meta.url), 'utf8')); // prettier-ignore
    const sessions = connectPostgres({ url: single.postgres.url.replace('//odoo@', '//dfr_ops@'), password: null, log: silentLog }); // prettier-ignore
    await waitUntil(async () => sessions.trouble() === null, 'the connection');
    const seeing = handsOn({ odoo: single.odoo, docker: singleEngine.docker, postgres: sessions });
    const context = seeing.contextOf(odooReload);
    const { input, draft: shown } = await seeing.draft(odooReload, context);
    assert.deepEqual(shown.preconditions.filter((one) => !one.ok), []); // prettier-ignore
    assert.equal((await odooReload.effect(context, input)).state, 'pending');
    await seeing.run(odooReload, context, input);
    await confirmed(odooReload, context, input);
    await sessions.close();
  } finally {
    await singleEngine.stop();
    await single.stop();
  }
});
