import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { connectOdoo } from '../connectors/odoo.ts';
import { OdooRefusal } from '../connectors/odooRpc.ts';
import { handsOn, startOdoo, type OdooUnderTest } from '../test/startOdoo.ts';
import { ActionRefused } from './action.ts';
import { odooDisableCron } from './odooDisableCron.ts';
import { odooEnableCron } from './odooEnableCron.ts';
import { odooRunCron } from './odooRunCron.ts';

let dfr: OdooUnderTest;
let hands: ReturnType<typeof handsOn>;
let register: number;
const everything = { crons: ['*'] };

before(async () => {
  dfr = await startOdoo();
  hands = handsOn({ odoo: dfr.odoo });
  register = Number(await dfr.value("SELECT id FROM ir_cron WHERE cron_name LIKE 'DFR: Register%'"));
});
after(() => dfr?.stop());
beforeEach(() => dfr.database.query("UPDATE ir_cron SET active = true, failure_count = 0 WHERE cron_name <> 'Gone'"));

/** A cron whose code is gone: Odoo runs it, and it fails. */
async function failingCron(): Promise<number> {
  await dfr.database.query("DELETE FROM ir_cron WHERE cron_name = 'Gone'");
  return Number(
    await dfr.value(
      "INSERT INTO ir_cron (cron_name, user_id, interval_type, nextcall, failure_count, first_failure_date) VALUES ('Gone', 1, 'days', now() AT TIME ZONE 'UTC' + interval '1 day', 3, now() AT TIME ZONE 'UTC') RETURNING id"
    )
  );
}

const overdue = () =>
  dfr.database.query(
    "UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' - interval '45 min', lastcall = now() AT TIME ZONE 'UTC' - interval '46 min' WHERE id = $1",
    [register]
  );

test('an overdue cron is offered first, runs, and its last run is newer', async () => {
  await overdue();
  const context = hands.contextOf(odooRunCron, everything, { name: 'OdooCronOverdue', labels: {} });
  const [field] = await odooRunCron.form(context);
  assert.equal(field?.default, String(register));
  assert.match(
    field?.choices.find((one) => one.value === String(register))?.label ?? '',
    /Register.*: late by 45 min$/
  );
  const farmers = Number(await dfr.value('SELECT count(*) FROM dfr_farmer'));
  const { draft, input } = await hands.draft(odooRunCron, context);
  assert.match(draft.summary, /Would run DFR: Register.* once, now \(late by 45 min\)/);
  assert.equal((await odooRunCron.effect(context, input)).state, 'pending');
  await hands.run(odooRunCron, context, input);
  const effect = await odooRunCron.effect(context, input);
  assert.equal(effect.state, 'confirmed', effect.detail);
  assert.ok(Number(await dfr.value('SELECT count(*) FROM dfr_farmer')) > farmers);
});

test("the alert's own label goes before the latest one, and the policy's list before all", async () => {
  await overdue();
  const labels = { cron: `Base: Auto-vacuum internal data (${await dfr.value("SELECT id FROM ir_cron WHERE cron_name LIKE 'Base:%'")})` }; // prettier-ignore
  const alert = { name: 'OdooCronOverdue', labels };
  const [field] = await odooRunCron.form(hands.contextOf(odooRunCron, everything, alert));
  assert.match(field?.choices.find((one) => one.value === field.default)?.label ?? '', /^Base: Auto-vacuum/);
  const mails = hands.contextOf(odooRunCron, { crons: ['Mail: *'] }, alert);
  assert.deepEqual(
    (await odooRunCron.form(mails))[0]?.choices.map(({ label }) => label.split(':')[0]),
    ['Mail']
  );
  await assert.rejects(hands.draft(odooRunCron, mails, { cron: String(register) }), /one of the choices/);
  await assert.rejects(odooRunCron.form(hands.contextOf(odooRunCron)), /policy lists no scheduled action/);
});

test('a cron that fails when it is run is told as failed, not as run', async () => {
  const gone = await failingCron();
  const context = hands.contextOf(odooRunCron, everything, { name: 'OdooCronFailing', labels: {} });
  const { input, draft, parameters } = await hands.draft(odooRunCron, context);
  assert.equal(parameters.cron, String(gone));
  assert.ok(draft.warnings.some((one) => /failed each time/.test(one)));
  await hands.run(odooRunCron, context, input);
  const effect = await odooRunCron.effect(context, input);
  assert.equal(effect.state, 'not_confirmed');
  assert.match(effect.detail, /failed, 4 times in a row now/);
});

test('a cron that is being run is refused by Odoo, and nothing is done', async () => {
  const context = hands.contextOf(odooRunCron, everything);
  const { input } = await hands.draft(odooRunCron, context, { cron: String(register) });
  const lastcall = () => dfr.value('SELECT lastcall::text FROM ir_cron WHERE id = $1', [register]);
  const was = await lastcall();
  const disabling = hands.contextOf(odooDisableCron);
  const disable = await hands.draft(odooDisableCron, disabling, { cron: String(register) });
  await dfr.database.query('BEGIN');
  try {
    await dfr.database.query('SELECT FROM ir_cron WHERE id = $1 FOR UPDATE', [register]);
    await assert.rejects(hands.run(odooRunCron, context, input), { name: 'Error', message: /being run right now/ });
    await assert.rejects(
      hands.run(odooDisableCron, disabling, disable.input),
      /currently being executed.*Nothing was changed/s
    );
  } finally {
    await dfr.database.query('ROLLBACK');
  }
  assert.equal(await lastcall(), was);
  assert.equal((await odooRunCron.effect(context, input)).state, 'pending');
});

test('a cron that vanished or was switched off since the preview is left alone', async () => {
  const gone = await failingCron();
  const context = hands.contextOf(odooRunCron, everything);
  const { input } = await hands.draft(odooRunCron, context, { cron: String(gone) });
  await dfr.database.query('UPDATE ir_cron SET active = false WHERE id = $1', [gone]);
  await assert.rejects(hands.run(odooRunCron, context, input), /switched off meanwhile/);
  await dfr.database.query('DELETE FROM ir_cron WHERE id = $1', [gone]);
  await assert.rejects(hands.run(odooRunCron, context, input), /is gone or bears another name/);
  assert.equal((await odooRunCron.effect(context, input)).state, 'not_confirmed');
});

test('a failing cron is switched off, and the rollback switches it on', async () => {
  const gone = await failingCron();
  const context = hands.contextOf(odooDisableCron, {}, { name: 'OdooCronFailing', labels: {} });
  const { input, parameters } = await hands.draft(odooDisableCron, context);
  assert.equal(parameters.cron, String(gone));
  assert.deepEqual(input.snapshot, { id: gone, name: 'Gone', active: true });
  await hands.run(odooDisableCron, context, input);
  assert.equal((await odooDisableCron.effect(context, input)).state, 'confirmed');
  assert.equal(await dfr.value('SELECT active FROM ir_cron WHERE id = $1', [gone]), false);
  const back = hands.contextOf(odooEnableCron);
  assert.equal(odooDisableCron.rollback, odooEnableCron.id);
  const undo = await hands.draft(odooEnableCron, back, { cron: String(gone) });
  await hands.run(odooEnableCron, back, undo.input);
  assert.equal((await odooEnableCron.effect(back, undo.input)).state, 'confirmed');
  assert.equal(await dfr.value('SELECT active FROM ir_cron WHERE id = $1', [gone]), true);
  await assert.rejects(
    hands.draft(odooEnableCron, back, { cron: String(gone) }),
    /one of the choices/,
    'it is on already'
  );
});

test('refused rights, a wrong password and an Odoo that is down are told, and nothing is done', async () => {
  const context = hands.contextOf(odooDisableCron);
  const { input } = await hands.draft(odooDisableCron, context, { cron: String(register) });
  const stranger = handsOn({ odoo: connectOdoo({ ...dfr.access, password: 'wrong' }) });
  await assert.rejects(odooDisableCron.form(stranger.contextOf(odooDisableCron)), /does not let admin in/);
  assert.match(
    odooRunCron.lacking({ postgres: null, docker: null, nginxAgent: null, odoo: null } as never) ?? '',
    /ODOO_URL/
  );
  const nobody = connectOdoo({ ...dfr.access, login: null });
  assert.match(odooRunCron.lacking({ odoo: nobody } as never) ?? '', /no user of its own/);
  await dfr.stopOdoo();
  try {
    await assert.rejects(odooDisableCron.form(context), /Odoo does not answer/);
    await assert.rejects(hands.run(odooDisableCron, context, input), /Odoo does not answer/);
    await assert.rejects(odooDisableCron.effect(context, input), /Odoo does not answer/);
  } finally {
    await dfr.startOdoo();
  }
  assert.equal(await dfr.value('SELECT active FROM ir_cron WHERE id = $1', [register]), true);
});

test('before Odoo 18, which counts no failures, the last run tells, and a cron that fails is an error of the call', async () => {
  const older = handsOn({ odoo: { ...dfr.odoo, fieldsOf: async () => [] } });
  const context = older.contextOf(odooRunCron, everything);
  await overdue();
  const { input, draft } = await older.draft(odooRunCron, context, { cron: String(register) });
  assert.match(draft.summary, /\(late by 45 min\)\.$/);
  const refusal = new OdooRefusal('ir.cron.method_direct_trigger', 'builtins.ValueError', 'the file is empty');
  const failing = handsOn({
    odoo: { ...dfr.odoo, fieldsOf: async () => [], call: async () => Promise.reject(refusal) },
  });
  await assert.rejects(failing.run(odooRunCron, failing.contextOf(odooRunCron, everything), input), (error) => {
    assert.ok(!(error instanceof ActionRefused), 'it may have done something');
    assert.match((error as Error).message, /the file is empty/);
    return true;
  });
  assert.equal((await odooRunCron.effect(context, input)).state, 'pending');
  await older.run(odooRunCron, context, input);
  assert.equal((await odooRunCron.effect(context, input)).state, 'confirmed');
});
