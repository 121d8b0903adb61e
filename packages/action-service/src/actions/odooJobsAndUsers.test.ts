import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { handsOn, startOdoo, type OdooUnderTest } from '../test/startOdoo.ts';
import { odooLockUser } from './odooLockUser.ts';
import { odooRequeueJobs } from './odooRequeueJobs.ts';
import { odooUnlockUser } from './odooUnlockUser.ts';

let dfr: OdooUnderTest;
let hands: ReturnType<typeof handsOn>;
const registers = { functions: ['dfr.*'] };

before(async () => {
  dfr = await startOdoo();
  hands = handsOn({ odoo: dfr.odoo });
});
after(() => dfr?.stop());

const jobs = async (count: number, state: string, more = "now() AT TIME ZONE 'UTC'", model = 'dfr.farmer') =>
  (
    await dfr.database.query(
      `INSERT INTO queue_job (name, model_name, method_name, state, date_enqueued, date_started)
       SELECT 'Import ' || n, $3, 'import_register', $2, ${more}, ${more} FROM generate_series(1, $1) AS n RETURNING id`,
      [count, state, model]
    )
  ).rows.map((row) => row.id as number);
const stateOf = (id: number | undefined) => dfr.value('SELECT state FROM queue_job WHERE id = $1', [id]);

test('failed jobs go back, 100 at most, and only of functions that the policy lists', async () => {
  await dfr.database.query('DELETE FROM queue_job');
  await jobs(110, 'failed');
  const [foreign] = await jobs(1, 'failed', undefined, 'res.partner');
  const context = hands.contextOf(odooRequeueJobs, registers, { name: 'OdooJobsFailed', labels: {} });
  const form = await odooRequeueJobs.form(context);
  assert.equal(form[0]?.choices[0]?.label, 'failed (110)');
  assert.deepEqual(form[1]?.choices.map(({ value }) => value), ['*', 'dfr.farmer.import_register']); // prettier-ignore
  await assert.rejects(hands.draft(odooRequeueJobs, context, { maxJobs: 101 }), /Must be 1 to 100 jobs/);
  const { draft, input } = await hands.draft(odooRequeueJobs, context);
  assert.match(draft.summary, /^Would put 100 jobs in state failed back/);
  assert.equal((await odooRequeueJobs.effect(context, input)).state, 'pending');
  await hands.run(odooRequeueJobs, context, input);
  assert.equal(await dfr.value("SELECT count(*)::int FROM queue_job WHERE state = 'pending'"), 100);
  assert.equal(await stateOf(foreign), 'failed');
  const effect = await odooRequeueJobs.effect(context, input);
  assert.match(`${effect.state}: ${effect.detail}`, /^confirmed: 100 of the 100 jobs .*; 11 in state failed now/);
  await assert.rejects(odooRequeueJobs.form(hands.contextOf(odooRequeueJobs)), /policy lists no job/);
});

test('jobs that hang are offered only when they are old, and one that was begun anew since is left alone', async () => {
  await dfr.database.query('DELETE FROM queue_job');
  const [young] = await jobs(1, 'started');
  const [stuck, anew] = await jobs(2, 'started', "now() AT TIME ZONE 'UTC' - interval '3 hours'");
  const context = hands.contextOf(odooRequeueJobs, registers, { name: 'OdooJobsStuck', labels: {} });
  const { draft, input, parameters } = await hands.draft(odooRequeueJobs, context);
  assert.equal(parameters.state, 'started');
  assert.equal(draft.affected.total, 2);
  assert.ok(draft.warnings.some((one) => /would run twice/.test(one)));
  await dfr.database.query("UPDATE queue_job SET date_started = now() AT TIME ZONE 'UTC' WHERE id = $1", [anew]);
  assert.match(await hands.run(odooRequeueJobs, context, input), /1 job of those shown are gone or in another state/);
  assert.deepEqual(
    [await stateOf(young), await stateOf(stuck), await stateOf(anew)],
    ['started', 'pending', 'started']
  );
  await assert.rejects(hands.run(odooRequeueJobs, context, input), /None of the jobs shown is as it was/);
});

test('without the module queue_job it is unavailable, and says why', async () => {
  await dfr.database.query("UPDATE ir_module_module SET state = 'uninstalled' WHERE name = 'queue_job'");
  try {
    const context = hands.contextOf(odooRequeueJobs, registers);
    await assert.rejects(odooRequeueJobs.form(context), {
      message: 'Unavailable, because the module queue_job is not installed in Odoo.',
    });
  } finally {
    await dfr.database.query("UPDATE ir_module_module SET state = 'installed' WHERE name = 'queue_job'");
  }
});

test('a user is locked, and the rollback unlocks them', async () => {
  const context = hands.contextOf(odooLockUser, {}, { name: 'OdooLoginBruteForce', labels: { login: 'registrar.bo' } });
  const { input, parameters } = await hands.draft(odooLockUser, context);
  assert.equal(parameters.login, 'registrar.bo');
  assert.deepEqual(input.snapshot, { id: 6, login: 'registrar.bo', active: true });
  assert.equal((await odooLockUser.effect(context, input)).state, 'pending');
  await hands.run(odooLockUser, context, input);
  assert.equal((await odooLockUser.effect(context, input)).state, 'confirmed');
  assert.equal(await dfr.value('SELECT active FROM res_users WHERE id = 6'), false);
  await assert.rejects(hands.run(odooLockUser, context, input), /is registrar\.bo, locked now\. Nothing was done/);
  const back = hands.contextOf(odooUnlockUser);
  const undo = await hands.draft(odooUnlockUser, back, { login: 'registrar.bo' });
  await hands.run(odooUnlockUser, back, undo.input);
  assert.equal((await odooUnlockUser.effect(back, undo.input)).state, 'confirmed');
  assert.equal(await dfr.value('SELECT active FROM res_users WHERE id = 6'), true);
});

test("never uid 1 or 2, the service's own user, Odoo's public user or one that the policy keeps", async () => {
  await dfr.database.query(`
    INSERT INTO res_users (id, login, active) VALUES (3, 'public', false), (5, 'minister', true) ON CONFLICT DO NOTHING;
    INSERT INTO ir_model_data (module, name, model, res_id) VALUES ('base', 'public_user', 'res.users', 3) ON CONFLICT DO NOTHING`);
  const lock = hands.contextOf(odooLockUser, { neverLogins: ['minister'] });
  const unlock = hands.contextOf(odooUnlockUser);
  const offered = async (context: typeof lock, action = odooLockUser) =>
    (await action.form(context))[0]?.choices.map(({ value }) => value);
  assert.deepEqual(await offered(lock), ['extension.officer', 'registrar.bo', 'registrar.kenema', 'registrar.makeni']);
  assert.deepEqual(await offered(unlock, odooUnlockUser), []);
  for (const login of ['__system__', 'admin', 'minister', 'public', 'nobody']) {
    await assert.rejects(hands.draft(odooLockUser, lock, { login }), /one of the choices/, login);
    await assert.rejects(odooLockUser.preview(lock, { login }), /no user .* who may be locked or unlocked/, login);
  }
  for (const id of [1, 2, 3, 5]) {
    const login = String(await dfr.value('SELECT login FROM res_users WHERE id = $1', [id]));
    const forged = { parameters: { login }, snapshot: { id, login, active: true } };
    await assert.rejects(hands.run(odooLockUser, lock, forged), /gone, or may not be touched/, login);
  }
  assert.equal(await dfr.value('SELECT active FROM res_users WHERE id = 2'), true);
});

test('where there are more users than can be chosen from, the login is typed', async () => {
  await dfr.database.query("INSERT INTO res_users (login) SELECT 'field.' || n FROM generate_series(1, 600) AS n");
  const context = hands.contextOf(odooLockUser);
  assert.equal((await odooLockUser.form(context))[0]?.type, 'string');
  const { draft } = await hands.draft(odooLockUser, context, { login: 'field.599' });
  assert.match(draft.summary, /^Would lock field\.599/);
  await assert.rejects(hands.draft(odooLockUser, context, { login: 'admin' }), /no user admin who may be locked/);
});
