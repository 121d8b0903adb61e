import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { Registry } from 'prom-client';
import type { Observation } from '../alerts/observe.ts';
import type { Prometheus } from '../connectors/prometheus.ts';
import { startStore, type ScratchStore } from '../test/startStore.ts';
import { acknowledge, renew, renewOwn, unacknowledge } from './acknowledge.ts';
import { comment } from './comment.ts';
import { endAcknowledgements } from './endAcknowledgements.ts';
import { escalate } from './escalate.ts';
import { incidentOfRow } from './incidentRow.ts';
import { momentsOf } from './moments.ts';
import { incidentById } from './readIncidents.ts';
import { keepTargets, setTargets } from './responseTargets.ts';
import { showResponse } from './responseMetrics.ts';
import { responseTimes } from './responseTimes.ts';
import { becomeNormal, fire, openIncident, resolve } from './transitions.ts';

const MINUTE = 60_000;
const publicUrl = 'http://127.0.0.1:13000';
const ada = { login: 'ada', name: 'Ada', email: '', role: 'Editor' as const };
const ben = { ...ada, login: 'ben' };
const contacts = { levels: [['+100000001'], ['+100000002', '+100000003'], ['+100000004']], severities: new Set(['critical']), publicUrl }; // prettier-ignore
const quiet = { alertmanagers: { alerts: new Map() } } as Observation;
let store: ScratchStore;

before(async () => (store = await startStore()));
after(() => store?.stop());
beforeEach(async () => {
  await store.pool.query('DELETE FROM incidents; DELETE FROM response_targets');
  await keepTargets(store.pool, told([['critical', 'acknowledge', 900], ['critical', 'resolve', 14_400], ['warning', 'acknowledge', 900]])); // prettier-ignore
});

/** A Prometheus that says these targets. */
function told(targets: Array<[severity: string, step: string, seconds: number]>): Prometheus {
  const query = async () =>
    targets.map(([severity, step, value]) => ({ metric: { severity, step }, samples: [{ at: 0, value }] }));
  return { query } as unknown as Prometheus;
}

/** An incident that began to fire so many minutes ago; those of `told` were sent an SMS of it. */
async function fired(minutesAgo: number, severity = 'critical', numbers = ['+100000001']): Promise<string> {
  const at = new Date(Date.now() - minutesAgo * MINUTE);
  const labels = { alertname: 'OdooDown', severity, service: 'odoo' };
  const row = await openIncident(store.pool, { fingerprint: `f-${severity}-${minutesAgo}`, labels, annotations: {}, origin: 'prometheus', openedAt: at, lastSeenAt: at, value: 0 }); // prettier-ignore
  await fire(store.pool, row!, at, 'alertmanager', 0);
  for (const number of numbers) {
    await store.pool.query(
      `INSERT INTO notices (reference, incident_id, kind, recipient, text, state) VALUES ($1, $2, 'sms_firing', $3, '', 'accepted')`,
      [`${row!.id}/${number}`, row!.id, number]
    );
  }
  await setTargets(store.pool);
  return row!.id;
}
const seen = async (id: string) => incidentOfRow((await incidentById(store.pool, id))!);
const kinds = async (id: string) => (await momentsOf(store.pool, id)).map(({ kind }) => kind);
async function queued(id: string): Promise<string[]> {
  const { rows } = await store.pool.query(
    `SELECT kind || ' ' || recipient AS one FROM notices WHERE incident_id = $1 AND state = 'queued' ORDER BY id`,
    [id]
  );
  return rows.map(({ one }) => one);
}
/** Lets so much time go by for this incident. */
async function later(id: string, minutes: number): Promise<void> {
  const back = `- make_interval(mins => ${minutes})`;
  await store.pool.query(
    `UPDATE incidents SET firing_at = firing_at ${back}, escalated_at = escalated_at ${back} WHERE id = '${id}'`
  );
  await store.pool.query(
    `UPDATE acknowledgements SET at = at ${back}, until = until ${back}, ended_at = ended_at ${back} WHERE incident_id = '${id}'`
  );
}

test('an incident has the targets of its severity as Prometheus told them, and keeps them', async () => {
  const id = await fired(5);
  const { acknowledgeBy, resolveBy, firingAt, acknowledgeLeftSeconds, resolveLeftSeconds } = await seen(id);
  assert.equal(Date.parse(acknowledgeBy!) - Date.parse(firingAt!), 900_000);
  assert.equal(Date.parse(resolveBy!) - Date.parse(firingAt!), 14_400_000);
  assert.ok(Math.abs(acknowledgeLeftSeconds! - 600) <= 2 && Math.abs(resolveLeftSeconds! - 14_100) <= 2);
  await keepTargets(store.pool, told([['critical', 'acknowledge', 60]]));
  await setTargets(store.pool);
  assert.equal((await seen(id)).acknowledgeBy, acknowledgeBy);
  const next = await seen(await fired(4));
  assert.equal(Date.parse(next.acknowledgeBy!) - Date.parse(next.firingAt!), 60_000);
  assert.equal(next.resolveBy, null);
});

test('a Prometheus that knows no targets, or does not answer, takes none away', async () => {
  await keepTargets(store.pool, told([]));
  await assert.rejects(keepTargets(store.pool, { query: async () => Promise.reject(new Error('silent')) } as unknown as Prometheus)); // prettier-ignore
  assert.notEqual((await seen(await fired(1))).acknowledgeBy, null);
  assert.equal((await seen(await fired(2, 'unheard'))).acknowledgeBy, null);
});

test('time that is left turns negative, and ends with the acknowledgement and with the recovery', async () => {
  const id = await fired(20);
  assert.ok((await seen(id)).acknowledgeLeftSeconds! < -200);
  const given = incidentOfRow(await acknowledge(store.pool, id, ada, { comment: 'on it', minutes: 60 }));
  assert.equal(given.acknowledgeLeftSeconds, null);
  assert.ok(given.acknowledgedAt !== null && given.resolveLeftSeconds! > 0);
  await becomeNormal(store.pool, (await incidentById(store.pool, id))!, new Date(), 'prometheus', 'tested');
  assert.equal((await seen(id)).resolveLeftSeconds, null);
});

test('unacknowledged at the target, the next contacts are told, each level once, then nobody is left', async () => {
  const id = await fired(14);
  await escalate(store.pool, quiet, contacts);
  assert.deepEqual(await queued(id), []);
  await later(id, 2);
  await escalate(store.pool, quiet, contacts);
  await escalate(store.pool, quiet, contacts);
  assert.deepEqual(await queued(id), ['sms_escalation +100000002', 'sms_escalation +100000003']);
  await later(id, 15);
  await escalate(store.pool, quiet, contacts);
  assert.equal((await queued(id)).at(-1), 'sms_escalation +100000004');
  for (let round = 0; round < 3; round++) {
    await later(id, 15);
    await escalate(store.pool, quiet, contacts);
  }
  assert.equal((await queued(id)).length, 3);
  const said = (await momentsOf(store.pool, id)).filter(({ kind }) => kind === 'escalated').map(({ text }) => text);
  assert.equal(said.length, 3);
  assert.match(said[0]!, /Nobody acknowledged it within 15 min: the next contact is told \(SMS to \+10000\*\*\*002, /);
  assert.match(said[2]!, /no further contact is named/);
});

test('two replicas at the same moment tell the next contacts once', async () => {
  const id = await fired(16);
  await Promise.allSettled([1, 2, 3].map(() => escalate(store.pool, quiet, contacts)));
  assert.equal((await kinds(id)).filter((kind) => kind === 'escalated').length, 1);
  assert.equal((await queued(id)).length, 2);
});

test('nobody further is told of what is acknowledged, silenced, inhibited, normal or of another severity', async () => {
  const acknowledged = await fired(16);
  await acknowledge(store.pool, acknowledged, ada, { comment: 'on it', minutes: 60 });
  const silenced = await fired(17);
  await store.pool.query(`UPDATE incidents SET silenced_by = '{s}' WHERE id = $1`, [silenced]);
  const inhibited = await fired(18);
  const normal = await fired(19);
  await becomeNormal(store.pool, (await incidentById(store.pool, normal))!, new Date(), 'prometheus', 'tested');
  const warning = await fired(20, 'warning');
  const held = { alertmanagers: { alerts: new Map([['f-critical-18', { inhibitedBy: ['x'] }]]) } };
  await escalate(store.pool, held as unknown as Observation, contacts);
  for (const id of [acknowledged, silenced, inhibited, normal, warning]) {
    assert.deepEqual(await queued(id), []);
  }
  assert.deepEqual((await kinds(warning)).includes('escalated'), true);
  assert.deepEqual((await kinds(inhibited)).includes('escalated'), false);
});

test('where a mail alone told the beginning, the first contacts are the next ones', async () => {
  const id = await fired(16, 'critical', []);
  await escalate(store.pool, quiet, contacts);
  assert.deepEqual(await queued(id), ['sms_escalation +100000001']);
});

test('an acknowledgement that is over says so and tells again, once; then the target counts anew', async () => {
  const id = await fired(30);
  await acknowledge(store.pool, id, ada, { comment: 'on it', minutes: 5 });
  await endAcknowledgements(store.pool, publicUrl);
  assert.deepEqual(await queued(id), []);
  await later(id, 6);
  await endAcknowledgements(store.pool, publicUrl);
  await endAcknowledgements(store.pool, publicUrl);
  assert.deepEqual(await queued(id), ['sms_again +100000001']);
  const { rows } = await store.pool.query(`SELECT text FROM notices WHERE kind = 'sms_again'`);
  assert.match(rows[0].text, /^CRITICAL still OdooDown .* no longer acknowledged by ada/);
  assert.equal((await kinds(id)).filter((kind) => kind === 'acknowledgement_ended').length, 1);
  await escalate(store.pool, quiet, contacts);
  assert.equal((await queued(id)).length, 1);
  await later(id, 11);
  await escalate(store.pool, quiet, contacts);
  assert.equal((await queued(id)).length, 1);
  await later(id, 4);
  await escalate(store.pool, quiet, contacts);
  assert.equal((await queued(id)).length, 3);
});

test('an acknowledgement that ends on a silenced incident tells nobody', async () => {
  const id = await fired(30);
  await acknowledge(store.pool, id, ada, { comment: 'on it', minutes: 5 });
  await store.pool.query(`UPDATE incidents SET silenced_by = '{s}' WHERE id = $1`, [id]);
  await later(id, 6);
  await endAcknowledgements(store.pool, publicUrl);
  assert.deepEqual(await queued(id), []);
  assert.ok((await kinds(id)).includes('acknowledgement_ended'));
});

test('work renews an acknowledgement, to four hours at most', async () => {
  const id = await fired(1);
  assert.equal(await renew(store.pool, id, null), false);
  await acknowledge(store.pool, id, ada, { comment: 'on it', minutes: 5 });
  const minutesLeft = async () => (Date.parse((await seen(id)).acknowledged!.until) - Date.now()) / MINUTE;
  assert.equal(await renew(store.pool, id, null), true);
  assert.ok(Math.abs((await minutesLeft()) - 30) < 0.1);
  await store.pool.query(`UPDATE acknowledgements SET at = at - interval '225 minutes'`);
  await renew(store.pool, id, null);
  await later(id, 20);
  await renew(store.pool, id, null);
  assert.ok((await minutesLeft()) < 10, `${await minutesLeft()}`);
  await later(id, 20);
  assert.equal(await renew(store.pool, id, null), false);
});

test('only who acknowledged it renews it by looking at it', async () => {
  const id = await fired(1);
  await assert.rejects(renewOwn(store.pool, id, ada), /Nobody has acknowledged/);
  await acknowledge(store.pool, id, ada, { comment: 'on it', minutes: 5 });
  await assert.rejects(renewOwn(store.pool, id, ben), /ada has acknowledged this incident, not you/);
  assert.ok(Date.parse((await renewOwn(store.pool, id, ada)).acknowledged!.until) > Date.now() + 29 * MINUTE);
  await unacknowledge(store.pool, id, ben);
  await assert.rejects(renewOwn(store.pool, id, ada), /Nobody/);
});

test('a comment stands in the timeline and the audit; of an unknown incident there is none', async () => {
  const id = await fired(1);
  const said = await comment(store.pool, id, ben, { text: 'The disk was full: <b>see</b> the log.' });
  const last = (await momentsOf(store.pool, id)).at(-1);
  assert.deepEqual(last, { ...said, kind: 'commented', source: 'ben' });
  const { rows } = await store.pool.query(`SELECT actor, data FROM audit_events WHERE kind = 'incident.commented'`);
  assert.deepEqual(rows, [{ actor: 'ben', data: { text: said.text } }]);
  await assert.rejects(comment(store.pool, 'nothing', ben, { text: 'x' }), /no such incident/);
});

test('mean times are of those that were acknowledged and resolved; who is late by now counts as late', async () => {
  const quick = await fired(10);
  await acknowledge(store.pool, quick, ada, { comment: 'on it', minutes: 60 });
  await store.pool.query(`UPDATE acknowledgements SET at = at - interval '6 minutes'`);
  const row = (await incidentById(store.pool, quick))!;
  await becomeNormal(store.pool, row, new Date(row.firing_at!.getTime() + 8 * MINUTE), 'prometheus', 'tested');
  await resolve(store.pool, row, new Date());
  await fired(20);
  const [critical] = await responseTimes(store.pool, { days: 30, country: undefined, env: undefined, service: 'odoo' });
  assert.ok(Math.abs(critical!.meanSecondsToAcknowledge! - 240) < 2);
  assert.ok(Math.abs(critical!.meanSecondsToResolve! - 480) < 0.01);
  const { severity, incidents, acknowledged, resolved, acknowledgedLate, resolvedLate } = critical!;
  assert.deepEqual([severity, incidents, acknowledged, resolved, acknowledgedLate, resolvedLate], ['critical', 2, 1, 1, 1, 0]); // prettier-ignore
  assert.deepEqual(
    await responseTimes(store.pool, { days: 30, country: 'XX', env: undefined, service: undefined }),
    []
  );
});

test('the means and the late ones are metrics; without the store there are none', async () => {
  const id = await fired(10);
  await acknowledge(store.pool, id, ada, { comment: 'on it', minutes: 60 });
  await fired(20);
  const registry = new Registry();
  let answers = true;
  const everywhere = { days: 30, country: undefined, env: undefined, service: undefined };
  showResponse(registry, async () => (answers ? responseTimes(store.pool, everywhere) : null));
  const text = await registry.metrics();
  const mean = /^dfr_ops_response_mean_seconds\{severity="critical",step="acknowledge"\} ([\d.]+)$/m.exec(text);
  assert.ok(Math.abs(Number(mean?.[1]) - 600) < 2, text);
  assert.ok(!text.includes('dfr_ops_response_mean_seconds{severity="critical",step="resolve"}'));
  assert.match(text, /^dfr_ops_response_late_incidents\{severity="critical",step="acknowledge"\} 1$/m);
  answers = false;
  assert.ok(!/^dfr_ops_response_\w+\{/m.test(await registry.metrics()));
});
