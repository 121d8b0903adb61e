import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, beforeEach, test } from 'node:test';
import type {
  ActionsAnswer,
  FreezeAnswer,
  OfferedAction,
  Preview,
  Problem,
  RollbackOffer,
  Run,
} from '@dfr-ops/contracts';
import { connectDocker } from '../connectors/docker.ts';
import type { OdooConnector } from '../connectors/odoo.ts';
import { connectNginxAgent } from '../connectors/nginxAgent.ts';
import { startServiceUnderTest, type ServiceUnderTest } from '../test/serviceUnderTest.ts';
import { startAgentSocket, startDockerSocket } from '../test/socketTargets.ts';
import { scratchFolder, waitUntil } from '../test/startServer.ts';

let service: ServiceUnderTest;
let docker: Awaited<ReturnType<typeof startDockerSocket>>;
let agent: Awaited<ReturnType<typeof startAgentSocket>>;
let folder: Awaited<ReturnType<typeof scratchFolder>>;
let soundPolicy = '';

before(async () => {
  folder = await scratchFolder('approvals');
  docker = await startDockerSocket(folder.path, 'dfr_odoo_prod');
  agent = await startAgentSocket(folder.path);
  service = await startServiceUnderTest(
    {
      docker: connectDocker(docker.path),
      nginxAgent: connectNginxAgent(agent.path),
      odoo: { health: async () => ({ ok: true, detail: '/web/health' }) } as OdooConnector,
    },
    {
      SMS_PROVIDER_URL: 'http://127.0.0.1:9',
      SMS_TO: '+23276000001',
      SMTP_URL: 'smtp://127.0.0.1:9',
      MAIL_FROM: 'ops@dfr.example',
      MAIL_TO: 'oncall@dfr.example,admin@dfr.example',
    }
  );
  soundPolicy = await readFile(service.policyFile, 'utf8');
});
after(async () => {
  await service?.stop();
  await docker?.stop();
  await agent?.stop();
  await folder?.remove();
});
beforeEach(async () => {
  await writeFile(service.policyFile, soundPolicy);
  agent.nginx.upstream = ['127.0.0.1:8069', '127.0.0.1:8070'].map((server) => ({ server, down: false }));
  await service.store.pool.query('DELETE FROM notices');
});

const drain = () => service.preview('admin', 'nginx.drain', { server: '127.0.0.1:8070' });
const run = (login: string, shown: Preview, extra: object = {}) =>
  service.post<Run>(login, '/runs', { token: shown.token, reason: 'it fails', ...extra });
const offered = async (id: string, login = 'viewer'): Promise<OfferedAction> =>
  (await service.get<ActionsAnswer>(login, '/actions')).body.actions.find((action) => action.id === id)!;
const notices = async () =>
  (await service.store.pool.query('SELECT kind, recipient, text FROM notices ORDER BY kind, recipient')).rows;
const reloads = () => agent.nginx.asked.filter((verb) => verb === 'drain').length;

test('a run that waits says who asked, who may approve it and until when, and the others are told', async () => {
  const shown = await drain();
  assert.deepEqual([shown.approval, shown.approvers], ['second_person', { users: [], roles: ['Admin'] }]);
  const { body } = await run('admin', shown);
  const seen = (await service.get<Run>('viewer', `/runs/${body.id}`)).body;
  assert.equal(seen.requestedBy, 'admin');
  assert.deepEqual(seen.approval.approvers, { users: [], roles: ['Admin'] });
  const minutes = (Date.parse(seen.approval.until ?? '') - Date.now()) / 60_000;
  assert.ok(minutes > 14 && minutes <= 15, String(minutes));
  const told = await notices();
  assert.deepEqual(
    told.map(({ kind, recipient }) => [kind, recipient]),
    [['email_run', 'oncall@dfr.example'], ['sms_run', '+23276000001']] // prettier-ignore
  );
  assert.match(told[0].text, /admin asks for "Take an Odoo server out of service" on dfr_nginx_prod.*any Admin/);
  const approved = await service.post<Run>('admin2', `/runs/${body.id}/approve`);
  assert.equal(approved.body.approval.approvedBy, 'admin2');
  assert.equal(approved.body.approval.until, null);
  await service.follow(body.id);
});

test('an emergency takes one step: it runs at once, is audited, and the others are told', async () => {
  const shown = await drain();
  assert.equal(shown.mayOverride, true);
  const { status, body } = await run('admin', shown, { override: true });
  assert.equal(status, 202);
  const { run: ended } = await service.follow(body.id);
  assert.equal(ended.state, 'succeeded', ended.outcome);
  assert.equal(ended.approval.overriddenBy, 'admin');
  const { rows } = await service.store.pool.query('SELECT actor, kind, data FROM audit_events WHERE subject = $1 AND kind = $2', [body.id, 'run.override']); // prettier-ignore
  assert.deepEqual([rows[0].actor, rows[0].data.reason], ['admin', 'it fails']);
  assert.match((await notices()).find(({ kind }) => kind === 'sms_run').text, /emergency, without the second person/);
});

test('one that waits already can be let run in an emergency; who may not is refused, and nothing is done', async () => {
  const { body } = await run('admin', await drain());
  const before = reloads();
  await writeFile(service.policyFile, soundPolicy.replace(', override', ''));
  assert.equal((await service.post('admin', `/runs/${body.id}/override`)).status, 403);
  const shown = await drain();
  assert.equal(shown.mayOverride, false);
  assert.equal((await run('admin', shown, { override: true })).status, 403);
  assert.equal(reloads(), before);
  await writeFile(service.policyFile, soundPolicy);
  assert.equal((await service.post('admin', `/runs/${body.id}/override`)).status, 200);
  assert.equal((await service.follow(body.id)).run.approval.overriddenBy, 'admin');
  const plain = await service.preview('admin', 'nginx.reload');
  assert.equal((await service.post<Problem>('admin', '/runs', { token: plain.token, reason: 'now', override: true })).body.code, 'nothing_to_override'); // prettier-ignore
});

test('where nobody else is named the name is typed instead, and the others hear of a run of high risk', async () => {
  await writeFile(service.policyFile, soundPolicy.replace("targets: ['*'], may: [preview, run, approve, override]", "targets: ['*'], may: [preview, run]")); // prettier-ignore
  const shown = await drain();
  assert.equal(shown.approval, 'typed_target');
  assert.equal((await run('admin', shown)).status, 400);
  const { body } = await run('admin', shown, { typedTarget: 'dfr_nginx_prod' });
  assert.equal((await service.follow(body.id)).run.state, 'succeeded');
  assert.deepEqual(
    (await notices()).map(({ kind, recipient }) => [kind, recipient]),
    [['email_run', 'oncall@dfr.example']]
  );
});

test('who holds the lock, the cooldown and the breaker, and until when, is there for everybody', async () => {
  docker.container.restartMs = 700;
  await writeFile(
    service.policyFile,
    soundPolicy.replace('odoo.restart: { approval: typed_target, cooldownSeconds: 0 }', 'odoo.restart: { approval: none, cooldownSeconds: 300, breaker: { runs: 1, minutes: 30 } }') // prettier-ignore
  );
  const { body } = await run('admin', await service.preview('admin', 'odoo.restart'));
  const lock = (await offered('odoo.restart')).holds[0]!;
  assert.deepEqual([lock.kind, lock.by, lock.runId, lock.asks], ['lock', 'admin', body.id, 'wait']);
  const seconds = (Date.parse(lock.until) - Date.now()) / 1000;
  assert.ok(seconds > 200 && seconds <= 240, `deadline 180 s and effect 60 s: ${seconds}`);
  assert.match((await offered('odoo.restart', 'admin')).unavailable ?? '', /being done there, asked for by admin at .*, until .* at the latest/); // prettier-ignore
  await service.follow(body.id);
  docker.container.restartMs = 20;
  const after = await offered('odoo.restart', 'admin');
  assert.deepEqual(
    after.holds.map((hold) => [hold.kind, hold.by, hold.asks]),
    [['cooldown', 'admin', 'typed_target'], ['breaker', 'admin', 'typed_target']] // prettier-ignore
  );
  assert.equal(Math.round((Date.parse(after.holds[1]!.until) - Date.parse(after.holds[1]!.since)) / 60_000), 30);
  assert.deepEqual([after.unavailable, after.approval], [null, 'typed_target']);
});

test("the policy's limits by person and target refuse the next run, also when it was previewed before", async () => {
  const own = 'nginx.reload: { cooldownSeconds: 0, limits: { perPersonPerHour: 2 } }';
  await service.store.pool.query("UPDATE runs SET created_at = created_at - interval '2 h'");
  await writeFile(service.policyFile, soundPolicy.replace('nginx.reload: { cooldownSeconds: 0 }', own));
  const shown = [];
  for (let n = 0; n < 3; n += 1) {
    shown.push(await service.preview('admin', 'nginx.reload'));
  }
  for (const one of shown.slice(0, 2)) {
    await service.follow((await run('admin', one)).body.id);
  }
  const third = await service.post<Problem>('admin', '/runs', { token: shown[2]!.token, reason: 'again' });
  assert.deepEqual([third.status, third.body.code], [409, 'limit_reached']);
  assert.match((await service.preview('admin', 'nginx.reload')).refusal?.why ?? '', /allows 2 runs of nginx\.reload an hour to each person/); // prettier-ignore
  assert.ok((await service.preview('admin2', 'nginx.reload')).token, 'another person may');
});

test('an allow-list lets nothing else through, in the form and in the preview', async () => {
  const own = "nginx.drain: { approval: none, cooldownSeconds: 0, allow: { server: ['127.0.0.1:8070'] } }";
  await writeFile(service.policyFile, soundPolicy.replace('nginx.drain: { approval: second_person, cooldownSeconds: 0 }', own)); // prettier-ignore
  const choices = (await offered('nginx.drain', 'admin')).parameters[0]!.choices.map(({ value }) => value);
  assert.deepEqual(choices, ['127.0.0.1:8070']);
  const parameters = { server: '127.0.0.1:8069' };
  const refused = await service.post<Problem>('admin', '/actions/nginx.drain/preview', { parameters });
  assert.deepEqual([refused.status, refused.body.issues?.[0]?.path], [400, 'parameters.server']);
  assert.ok((await drain()).token);
});

test('a rollback is filled in from its run, and neither lock nor cooldown holds it up', async () => {
  await writeFile(service.policyFile, soundPolicy.replace('nginx.drain: { approval: second_person', 'nginx.drain: { approval: none').replace('nginx.undrain: { cooldownSeconds: 60 }', 'nginx.undrain: { cooldownSeconds: 3600 }')); // prettier-ignore
  await service.store.pool.query("UPDATE runs SET acted_at = clock_timestamp() WHERE action_id = 'nginx.undrain'");
  const { body: drained } = await run('admin', await drain());
  const early = await service.get<Problem>('viewer', `/runs/${drained.id}/rollback`);
  assert.ok([200, 409].includes(early.status));
  await service.follow(drained.id);
  const { body: offer } = await service.get<RollbackOffer>('viewer', `/runs/${drained.id}/rollback`);
  assert.deepEqual([offer.actionId, offer.parameters], ['nginx.undrain', { server: '127.0.0.1:8070' }]);
  // Somebody else acts there, and does not end.
  await service.store.pool.query("UPDATE runs SET finished_at = NULL, state = 'running', worker = NULL WHERE id = (SELECT id FROM runs WHERE action_id = 'nginx.drain' AND id <> $1 LIMIT 1)", [drained.id]); // prettier-ignore
  assert.match((await service.preview('admin', 'nginx.undrain')).refusal?.why ?? '', /being done there/);
  const body = { parameters: offer.parameters, rollbackOf: drained.id };
  const shown = (await service.post<Preview>('admin', '/actions/nginx.undrain/preview', body)).body;
  assert.equal(shown.refusal, null);
  assert.equal(shown.approval, 'none');
  const { run: back } = await service.follow((await run('admin', shown)).body.id);
  assert.deepEqual([back.state, back.rollbackOf], ['succeeded', drained.id]);
  await service.store.pool.query("UPDATE runs SET finished_at = clock_timestamp(), state = 'failed' WHERE finished_at IS NULL"); // prettier-ignore
  const other = await service.post<Problem>('admin', '/actions/nginx.reload/preview', { rollbackOf: drained.id });
  assert.equal(other.body.code, 'not_its_rollback');
  assert.equal((await service.get('viewer', `/runs/${back.id.slice(0, 8)}/rollback`)).status, 404);
});

test('an Admin freezes all actions with a reason and an end, everybody sees who and until when, and it ends by itself', async () => {
  const shown = await service.preview('admin', 'nginx.reload');
  const request = { reason: 'moving the host', minutes: 30 };
  assert.equal((await service.post('editor', '/freeze', request)).status, 403);
  assert.equal((await service.post('admin', '/freeze', { ...request, minutes: 0 })).status, 400);
  const frozen = await service.post<FreezeAnswer>('admin', '/freeze', request);
  assert.deepEqual([frozen.body.freeze?.source, frozen.body.freeze?.by], ['switch', 'admin']);
  const seen = (await service.get<ActionsAnswer>('viewer', '/actions')).body;
  assert.match(seen.frozen ?? '', /admin has frozen all actions until .* UTC: moving the host/);
  assert.ok(Date.parse(seen.freeze?.until ?? '') > Date.now() + 29 * 60_000);
  assert.match((await service.get<{ frozen: string }>('viewer', '/health')).body.frozen, /moving the host/);
  assert.equal((await run('admin', shown)).status, 409);
  assert.equal((await service.post('admin', '/actions/nginx.reload/preview', {})).status, 409);
  await service.store.pool.query("UPDATE freezes SET until = clock_timestamp() + interval '300 ms' WHERE ended_at IS NULL"); // prettier-ignore
  await waitUntil(async () => (await run('admin', shown)).status === 202, 'the freeze to end by itself', 6);
  await service.post('admin', '/freeze', request);
  assert.equal((await service.post<FreezeAnswer>('admin', '/thaw')).body.freeze, null);
  // The run that was let through holds nginx until it has ended.
  await waitUntil(async () => (await service.preview('admin', 'nginx.reload')).token !== null, 'a preview', 20);
  const { rows } = await service.store.pool.query("SELECT actor, kind FROM audit_events WHERE subject = 'actions' ORDER BY seq"); // prettier-ignore
  assert.deepEqual(rows.map(({ kind }) => kind), ['actions.frozen', 'actions.frozen', 'actions.thawed']); // prettier-ignore
});
