import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { handsOn, startOdoo, type OdooUnderTest } from '../test/startOdoo.ts';
import { odooFlushMail } from './odooFlushMail.ts';
import { odooRetryMail } from './odooRetryMail.ts';

let dfr: OdooUnderTest;
let hands: ReturnType<typeof handsOn>;

before(async () => {
  dfr = await startOdoo();
  hands = handsOn({ odoo: dfr.odoo });
});
after(() => dfr?.stop());
beforeEach(() => dfr.database.query('DELETE FROM mail_mail'));

/** Mails that failed so many days ago. */
const failed = async (count: number, days: number, type = 'mail_smtp', address = 'a@dfr.example') =>
  (
    await dfr.database.query(
      `INSERT INTO mail_mail (email_to, state, failure_type, failure_reason, create_date)
       SELECT $4, 'exception', $3, 'timed out', now() AT TIME ZONE 'UTC' - make_interval(days => $2, secs => n) FROM generate_series(1, $1) AS n
       RETURNING id`,
      [count, days, type, address]
    )
  ).rows.map((row) => row.id as number);
const states = async () =>
  Object.fromEntries(
    (await dfr.database.query('SELECT state, count(*)::int FROM mail_mail GROUP BY state')).rows.map((row) => [row.state, row.count]) // prettier-ignore
  );

test('failed mails go back to the queue: 200 at most, none older than a week, the oldest first', async () => {
  await failed(230, 1);
  const old = await failed(5, 8);
  const context = hands.contextOf(odooRetryMail);
  const { draft, input } = await hands.draft(odooRetryMail, context);
  assert.match(
    draft.summary,
    /^Would try 200 mails again, the oldest from 24\.\d h ago; 235 in exception altogether\.$/
  );
  assert.equal(draft.affected.total, 200);
  assert.equal(draft.affected.rows.length, 100);
  assert.ok(draft.warnings.includes('30 more match and are left for another run.'));
  assert.equal((await odooRetryMail.effect(context, input)).state, 'pending');
  await hands.run(odooRetryMail, context, input);
  assert.deepEqual(await states(), { outgoing: 200, exception: 35 });
  assert.equal(
    await dfr.value("SELECT count(*)::int FROM mail_mail WHERE id = ANY($1) AND state = 'exception'", [old]),
    5
  );
  const effect = await odooRetryMail.effect(context, input);
  assert.equal(effect.state, 'confirmed');
  assert.match(effect.detail, /^Of 200 mails 200 wait to be sent, 0 are sent or gone, 0 are in exception\.$/);
});

test('only what was shown and still has failed is touched; what vanished is told, what is new is left', async () => {
  const [gone, sent, kept] = await failed(3, 1);
  const context = hands.contextOf(odooRetryMail);
  const { input } = await hands.draft(odooRetryMail, context);
  await dfr.database.query('DELETE FROM mail_mail WHERE id = $1', [gone]);
  await dfr.database.query("UPDATE mail_mail SET state = 'sent' WHERE id = $1", [sent]);
  const [late] = await failed(1, 1);
  const told = await hands.run(odooRetryMail, context, input);
  assert.match(told, /2 mails of those shown are gone or failed no more[^]*Putting 1 mail back/);
  const { rows } = await dfr.database.query('SELECT id, state FROM mail_mail ORDER BY id');
  assert.deepEqual(rows, [
    { id: sent, state: 'sent' },
    { id: kept, state: 'outgoing' },
    { id: late, state: 'exception' },
  ]);
  await dfr.database.query('DELETE FROM mail_mail WHERE id = $1', [kept]);
  await assert.rejects(hands.run(odooRetryMail, context, input), /None of the mails shown is in exception any more/);
});

test('one kind of failure is chosen; one without an address is warned of, and fails again', async () => {
  await failed(2, 1);
  await failed(1, 1, 'mail_email_invalid', 'nowhere');
  const context = hands.contextOf(odooRetryMail);
  const [field] = await odooRetryMail.form(context);
  assert.deepEqual(
    field?.choices.map(({ label }) => label),
    ['any (3)', 'mail_email_invalid (1)', 'mail_smtp (2)']
  );
  const { draft, input } = await hands.draft(odooRetryMail, context, { failureType: 'mail_email_invalid' });
  assert.ok(draft.warnings.some((one) => /^1 mail with no usable address/.test(one)));
  await hands.run(odooRetryMail, context, input);
  const flushing = hands.contextOf(odooFlushMail);
  await hands.run(odooFlushMail, flushing, (await hands.draft(odooFlushMail, flushing)).input);
  const effect = await odooRetryMail.effect(context, input);
  assert.equal(effect.state, 'pending');
  assert.match(effect.detail, /1 are in exception/);
});

test('beyond the bounds nothing is previewed, nor where nothing failed', async () => {
  const context = hands.contextOf(odooRetryMail);
  await assert.rejects(hands.draft(odooRetryMail, context, { maxMails: 201 }), /Must be 1 to 200 mails/);
  await assert.rejects(hands.draft(odooRetryMail, context, { maxAgeDays: 8 }), /Must be 1 to 7 days/);
  assert.throws(() => odooRetryMail.bounds.parse({ maxMails: 201 }));
  assert.match((await hands.draft(odooRetryMail, context)).draft.refusal?.why ?? '', /No failed mail matches/);
});

test('mails that pile up are sent now; planned and later ones are not counted', async () => {
  await dfr.database.query("INSERT INTO mail_mail (email_to) SELECT 'a@dfr.example' FROM generate_series(1, 120)");
  await dfr.database.query(
    "INSERT INTO mail_mail (email_to, scheduled_date) VALUES ('a@dfr.example', now() AT TIME ZONE 'UTC' + interval '1 day')"
  );
  const context = hands.contextOf(odooFlushMail);
  const { draft, input } = await hands.draft(odooFlushMail, context);
  assert.match(draft.summary, /^Would have Mail: Email Queue Manager \(.*\) work the queue: 120 mails to be sent\.$/);
  assert.equal((await odooFlushMail.effect(context, input)).state, 'pending');
  await hands.run(odooFlushMail, context, input);
  assert.deepEqual(await states(), { sent: 120, outgoing: 1 });
  const effect = await odooFlushMail.effect(context, input);
  assert.equal(effect.state, 'confirmed');
  assert.match(effect.detail, /^0 of the 120 mails that waited still wait\.$/);
  assert.match((await hands.draft(odooFlushMail, context)).draft.refusal?.why ?? '', /No mail waits/);
});

test('a queue that is being worked is refused, and an Odoo that is down is told', async () => {
  await dfr.database.query("INSERT INTO mail_mail (email_to) VALUES ('a@dfr.example')");
  const context = hands.contextOf(odooFlushMail);
  const { input } = await hands.draft(odooFlushMail, context);
  await dfr.database.query('BEGIN');
  await dfr.database.query("SELECT FROM ir_cron WHERE cron_name LIKE 'Mail:%' FOR UPDATE");
  await assert.rejects(hands.run(odooFlushMail, context, input), /being run right now/);
  await dfr.database.query('ROLLBACK');
  assert.deepEqual(await states(), { outgoing: 1 });
  await dfr.stopOdoo();
  await assert.rejects(hands.run(odooFlushMail, context, input), /Odoo does not answer/);
  await assert.rejects(odooRetryMail.form(hands.contextOf(odooRetryMail)), /Odoo does not answer/);
  await dfr.startOdoo();
});
