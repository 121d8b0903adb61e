import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import type { ActionsAnswer, Run } from '@dfr-ops/contracts';
import { startDockerOf, startOdoo, type OdooUnderTest } from '../test/startOdoo.ts';
import { startServiceUnderTest, type ServiceUnderTest } from '../test/serviceUnderTest.ts';
import { waitUntil } from '../test/startServer.ts';

let dfr: OdooUnderTest;
let engine: Awaited<ReturnType<typeof startDockerOf>>;
let service: ServiceUnderTest;
const fingerprint = '0123456789abcdef';

before(async () => {
  dfr = await startOdoo();
  engine = await startDockerOf(dfr);
  service = await startServiceUnderTest({ odoo: dfr.odoo, docker: engine.docker });
  await appendFile(service.policyFile, "  odoo.run-cron: { cooldownSeconds: 0, bounds: { crons: ['DFR: *'] } }\n");
  await waitUntil(async () => (await offered('odoo.run-cron'))?.unavailable === null, 'the new policy');
});
after(async () => {
  await service?.stop();
  await engine?.stop();
  await dfr?.stop();
});

const offered = async (id: string) =>
  (await service.get<ActionsAnswer>('admin', `/actions?fingerprint=${fingerprint}`)).body.actions.find(
    (one) => one.id === id
  );

test('an overdue cron runs from its alert to succeeded', async () => {
  const id = await dfr.value(
    "UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' - interval '2 hours', lastcall = now() AT TIME ZONE 'UTC' - interval '2 hours' WHERE cron_name LIKE 'DFR: Register%' RETURNING id"
  );
  const labels = { alertname: 'OdooCronOverdue' };
  service.world.incident = { id: 'incident-1', alertName: 'OdooCronOverdue', labels, annotations: { actions: 'odoo.run-cron' }, open: true }; // prettier-ignore
  const [field] = (await offered('odoo.run-cron'))?.parameters ?? [];
  assert.equal(field?.default, String(id));
  const { token, refusal, suggestedReason } = await service.preview('admin', 'odoo.run-cron', {}, fingerprint);
  assert.equal(refusal, null);
  assert.match(suggestedReason, /^OdooCronOverdue: DFR: Register.* is late by 2\.0 h$/);
  const { body } = await service.post<Run>('admin', '/runs', { token, reason: suggestedReason });
  const { run } = await service.follow(body.id);
  assert.equal(`${run.state} ${run.effect.state} ${run.alert.state}`, 'succeeded confirmed normal', run.outcome);
});

test('a cron that fails again is a failed run, and says where to look', async () => {
  await dfr.database.query(
    "INSERT INTO ir_cron (cron_name, user_id, interval_type, nextcall, failure_count) VALUES ('DFR: Gone', 1, 'days', now() AT TIME ZONE 'UTC' + interval '1 day', 3)"
  );
  service.world.incident = null;
  const id = String(await dfr.value("SELECT id FROM ir_cron WHERE cron_name = 'DFR: Gone'"));
  const { token } = await service.preview('admin', 'odoo.run-cron', { cron: id });
  const { body } = await service.post<Run>('admin', '/runs', { token, reason: 'try it' });
  const { run } = await service.follow(body.id);
  assert.equal(run.state, 'failed');
  assert.match(run.outcome ?? '', /DFR: Gone ran at .* UTC and failed, 4 times in a row now/);
});

test('what this Odoo lacks is unavailable, with the reason, in the list and in the preview', async () => {
  await dfr.database.query("UPDATE ir_module_module SET state = 'uninstalled' WHERE name = 'queue_job'");
  const why = 'Unavailable, because the module queue_job is not installed in Odoo.';
  assert.equal((await offered('odoo.requeue-jobs'))?.unavailable, why);
  const preview = await service.preview('admin', 'odoo.requeue-jobs');
  assert.deepEqual([preview.token, preview.refusal?.why], [null, why]);
});

test('an Odoo that is down is told in the list and in the preview, and nothing can be run', async () => {
  await dfr.stopOdoo();
  try {
    for (const id of ['odoo.run-cron', 'odoo.retry-mail', 'odoo.lock-user']) {
      assert.match((await offered(id))?.unavailable ?? '', /^Odoo does not answer at/, id);
      const preview = await service.preview('admin', id);
      assert.equal(preview.token, null, id);
      assert.match(preview.refusal?.why ?? '', /^Odoo does not answer at/, id);
    }
  } finally {
    await dfr.startOdoo();
  }
});
