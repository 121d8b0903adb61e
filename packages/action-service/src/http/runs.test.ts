import assert from 'node:assert/strict';
import { writeFile, readFile } from 'node:fs/promises';
import { after, before, beforeEach, test } from 'node:test';
import type { ActionsAnswer, AuditAnswer, Preview, Problem, Run } from '@dfr-ops/contracts';
import { connectDocker } from '../connectors/docker.ts';
import { connectNginxAgent } from '../connectors/nginxAgent.ts';
import { connectOdoo } from '../connectors/odoo.ts';
import { startServiceUnderTest, secret, type ServiceUnderTest } from '../test/serviceUnderTest.ts';
import { startAgentSocket, startDockerSocket } from '../test/socketTargets.ts';
import { scratchFolder, waitUntil } from '../test/startServer.ts';
import { linkAudit } from '../audit/chainAudit.ts';
import { verifyAudit } from '../audit/verifyAudit.ts';

let service: ServiceUnderTest;
let docker: Awaited<ReturnType<typeof startDockerSocket>>;
let agent: Awaited<ReturnType<typeof startAgentSocket>>;
let folder: Awaited<ReturnType<typeof scratchFolder>>;
let healthy = true;

const fingerprint = '0123456789abcdef';
const alert = {
  id: 'incident-1',
  alertName: 'NginxHigh5xxErrorRate',
  labels: { alertname: 'NginxHigh5xxErrorRate' },
  annotations: { actions: 'nginx.undrain,nginx.reload' },
  open: true,
};

before(async () => {
  folder = await scratchFolder('targets');
  docker = await startDockerSocket(folder.path, 'dfr_odoo_prod');
  agent = await startAgentSocket(folder.path);
  service = await startServiceUnderTest({
    docker: connectDocker(docker.path),
    nginxAgent: connectNginxAgent(agent.path),
    odoo: {
      ...connectOdoo({ url: 'http://127.0.0.1:9', db: null, login: null, password: null }),
      health: async () => ({ ok: healthy, detail: '/web/health' }),
    },
  });
});
after(async () => {
  await service?.stop();
  await docker?.stop();
  await agent?.stop();
  await folder?.remove();
});
beforeEach(() => {
  healthy = true;
  agent.nginx.fault = '';
  service.world.incident = null;
  service.world.moments = [];
  service.world.look = () => ({ state: 'normal', evaluatedAt: new Date(), freshAt: new Date(), value: 0, detail: '' });
});

async function reload(login = 'admin', fp: string | null = null): Promise<string> {
  const { token, refusal } = await service.preview(login, 'nginx.reload', {}, fp);
  assert.ok(token, JSON.stringify(refusal));
  return token;
}

test('an action runs from its preview to succeeded, with effect and alert told apart', async () => {
  service.world.incident = alert;
  const token = await reload('admin', fingerprint);
  const accepted = await service.post<Run>('admin', '/runs', { token, reason: 'new certificate' });
  assert.equal(accepted.status, 202);
  const { run, events } = await service.follow(accepted.body.id);
  assert.equal(run.state, 'succeeded', run.outcome);
  assert.equal(run.effect.state, 'confirmed');
  assert.equal(run.alert.state, 'normal');
  assert.equal(run.alert.freshSamples, 3);
  assert.deepEqual(
    events.filter((event) => event.kind === 'state').map((event) => event.run.state),
    ['queued', 'running', 'verifying', 'succeeded']
  );
  assert.deepEqual(
    events.map((event) => event.seq),
    events.map((_event, index) => index + 1)
  );
  assert.deepEqual(
    service.world.moments.map((moment) => moment.kind),
    ['action_started', 'action_finished']
  );
});

test('a second click is the same run, also at the same moment', async () => {
  const token = await reload();
  const body = { token, reason: 'twice' };
  const reloads = agent.nginx.asked.filter((verb) => verb === 'reload').length;
  const answers = await Promise.all(Array.from({ length: 8 }, () => service.post<Run>('admin', '/runs', body)));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]));
  assert.equal(new Set(answers.map((answer) => answer.body.id)).size, 1);
  await service.follow(answers[0]!.body.id);
  assert.equal((await service.post<Run>('admin', '/runs', body)).body.id, answers[0]!.body.id);
  assert.equal(agent.nginx.asked.filter((verb) => verb === 'reload').length, reloads + 1);
});

test('a token with another body, of another person, unknown or expired is refused and changes nothing', async () => {
  const runsBefore = (await service.store.pool.query('SELECT count(*) FROM runs')).rows[0].count;
  const token = await reload('admin');
  assert.equal((await service.post<Problem>('admin2', '/runs', { token, reason: 'stolen' })).status, 403);
  assert.equal((await service.post<Problem>('admin', '/runs', { token: 'x'.repeat(43), reason: 'guess' })).status, 403);
  assert.equal((await service.post<Problem>('admin', '/runs', { token, reason: 'ok', extra: 1 })).status, 400);
  await service.store.pool.query("UPDATE previews SET expires_at = clock_timestamp() - interval '1 s'");
  const expired = await service.post<Problem>('admin', '/runs', { token, reason: 'too late' });
  assert.equal(expired.status, 410);
  assert.match(expired.body.todo, /Preview it again/);
  assert.equal((await service.store.pool.query('SELECT count(*) FROM runs')).rows[0].count, runsBefore);
  const used = await reload('admin');
  const first = await service.post<Run>('admin', '/runs', { token: used, reason: 'first' });
  assert.equal((await service.post<Problem>('admin', '/runs', { token: used, reason: 'second' })).status, 409);
  assert.equal((await service.post<Problem>('admin2', '/runs', { token: used, reason: 'first' })).status, 409);
  await service.follow(first.body.id);
});

test('without secret or identity nothing is answered; a viewer may look and not act', async () => {
  const bare = await service.app.inject({ url: '/api/v1/me' });
  assert.equal(bare.statusCode, 403);
  const anonymous = await service.app.inject({ url: '/api/v1/me', headers: { 'x-dfr-ops-secret': secret } });
  assert.equal(anonymous.statusCode, 401);
  assert.equal((await service.get<{ mayAct: boolean }>('viewer', '/me')).body.mayAct, false);
  assert.equal((await service.get('viewer', '/runs')).status, 200);
  assert.equal((await service.post('viewer', '/actions/nginx.reload/preview', {})).status, 403);
  assert.equal((await service.post('viewer', '/runs', { token: 'x', reason: 'please' })).status, 403);
  const offered = (await service.get<ActionsAnswer>('viewer', '/actions')).body.actions;
  assert.ok(offered.every((action) => action.unavailable?.includes('Viewer')));
});

test('unknown actions, wrong parameters and wrong bodies are named', async () => {
  assert.equal((await service.post('admin', '/actions/odoo.explode/preview', {})).status, 404);
  const wrong = await service.post<Problem>('admin', '/actions/odoo.restart/preview', {
    parameters: { graceSeconds: 5 },
  });
  assert.equal(wrong.status, 400);
  assert.deepEqual(wrong.body.issues, [{ path: 'parameters.graceSeconds', message: 'Must be 10 to 120 s.' }]);
  const shape = await service.post<Problem>('admin', '/actions/odoo.restart/preview', { parameters: [], x: 1 });
  assert.equal(shape.status, 400);
  assert.ok((shape.body.issues?.length ?? 0) >= 1);
  assert.equal((await service.post('admin', '/runs', { reason: 'no token' })).status, 400);
  assert.equal((await service.get('admin', '/runs/nothing')).status, 404);
  assert.equal((await service.get('admin', '/nothing')).status, 404);
  assert.equal((await service.post('admin', '/actions/nginx.reload/preview', { fingerprint: 'unknown' })).status, 404);
});

test('odoo.restart asks for the typed name, restarts once and sees Odoo come back', async () => {
  const shown = await service.preview('admin', 'odoo.restart', { graceSeconds: 10 });
  assert.equal(shown.approval, 'typed_target');
  assert.equal(shown.statement, 'POST /containers/dfr_odoo_prod/restart?t=10');
  const body = { token: shown.token, reason: 'hangs' };
  const untyped = await service.post<Problem>('admin', '/runs', { ...body, typedTarget: 'dfr_odoo_test' });
  assert.equal(untyped.status, 400);
  const { body: accepted } = await service.post<Run>('admin', '/runs', { ...body, typedTarget: 'dfr_odoo_prod' });
  const { run } = await service.follow(accepted.id);
  assert.equal(run.state, 'succeeded', run.outcome);
  assert.equal(run.alert.state, 'not_meant_to_clear');
  assert.equal(docker.container.restarts, 1);
});

test('what Docker refuses is failed, with its words', async () => {
  const shown = await service.preview('admin', 'odoo.restart');
  docker.container.refuse = 'container is marked for removal';
  const body = { token: shown.token, reason: 'hangs', typedTarget: 'dfr_odoo_prod' };
  const { run } = await service.follow((await service.post<Run>('admin', '/runs', body)).body.id);
  docker.container.refuse = '';
  assert.equal(run.state, 'failed');
  assert.match(run.outcome, /container is marked for removal/);
  assert.ok(run.nextStep);
});

test('a faulty nginx configuration is refused at the preview, and failed with the exact error when it comes later', async () => {
  const error = 'nginx: [emerg] unknown directive "upstram" in /etc/nginx/nginx.conf:12';
  const token = await reload();
  agent.nginx.fault = error;
  const shown = await service.preview('admin', 'nginx.reload');
  assert.equal(shown.token, null);
  assert.match(shown.refusal?.why ?? '', /upstram/);
  const { run } = await service.follow(
    (await service.post<Run>('admin', '/runs', { token, reason: 'reload' })).body.id
  );
  assert.equal(run.state, 'failed');
  assert.ok(run.outcome.includes(error), run.outcome);
  const test = await service.preview('admin', 'nginx.test');
  const tested = await service.follow(
    (await service.post<Run>('admin', '/runs', { token: test.token, reason: 'test it' })).body.id
  );
  assert.equal(tested.run.state, 'failed');
  assert.ok(tested.events.some((event) => event.kind === 'output' && event.text === error));
});

test('an alert that goes on is unverified with the next step; one without samples is never recovery', async () => {
  service.world.incident = alert;
  service.world.look = () => ({
    state: 'firing',
    evaluatedAt: new Date(),
    freshAt: new Date(),
    value: 9,
    detail: 'value 9',
  });
  const one = await service.post<Run>('admin', '/runs', {
    token: await reload('admin', fingerprint),
    reason: 'errors',
  });
  const firing = (await service.follow(one.body.id)).run;
  assert.equal(firing.state, 'unverified');
  assert.equal(firing.effect.state, 'confirmed');
  assert.equal(firing.alert.state, 'still_firing');
  assert.match(firing.nextStep ?? '', /nginx has new workers and the alert stays/);
  service.world.look = () => ({
    state: 'no_data',
    evaluatedAt: new Date(),
    freshAt: null,
    value: null,
    detail: 'no samples',
  });
  const two = await service.post<Run>('admin', '/runs', {
    token: await reload('admin', fingerprint),
    reason: 'errors',
  });
  const blind = (await service.follow(two.body.id)).run;
  assert.equal(blind.state, 'unverified');
  assert.equal(blind.alert.state, 'no_data');
});

test('undrain puts back what was shown, and cools down', async () => {
  agent.nginx.upstream = [
    { server: '127.0.0.1:8069', down: true },
    { server: '127.0.0.1:8070', down: false },
  ];
  const shown = await service.preview('admin', 'nginx.undrain');
  assert.match(shown.summary, /1 server back into service: 127\.0\.0\.1:8069/);
  const accepted = await service.post<Run>('admin', '/runs', { token: shown.token, reason: 'mended' });
  assert.equal((await service.follow(accepted.body.id)).run.state, 'succeeded');
  const again = await service.preview('admin', 'nginx.undrain');
  assert.equal(again.token, null);
  assert.match(again.refusal?.why ?? '', /No upstream server/);
  assert.equal(again.approval, 'typed_target');
  assert.match(again.warnings[0] ?? '', /cooldown is 60 s/);
});

test('a second person approves, never the same one', async () => {
  const shown = await service.preview('admin', 'nginx.drain', { server: '127.0.0.1:8070' });
  assert.equal(shown.approval, 'second_person');
  const { body: run } = await service.post<Run>('admin', '/runs', { token: shown.token, reason: 'it fails' });
  assert.equal(run.state, 'awaiting_approval');
  assert.equal((await service.post('admin', `/runs/${run.id}/approve`)).status, 403);
  assert.equal((await service.post('editor', `/runs/${run.id}/approve`)).status, 403);
  assert.equal((await service.post<Run>('admin2', `/runs/${run.id}/approve`)).status, 200);
  assert.equal((await service.follow(run.id)).run.state, 'succeeded');
  assert.equal((await service.post('admin2', `/runs/${run.id}/approve`)).status, 409);
  agent.nginx.upstream = agent.nginx.upstream.map((one) => ({ ...one, down: false }));
});

test('the last server in service cannot be drained, and a waiting run can be taken back', async () => {
  agent.nginx.upstream = [{ server: '127.0.0.1:8069', down: false }];
  assert.match(
    (await service.preview('admin', 'nginx.drain', { server: '127.0.0.1:8069' })).refusal?.why ?? '',
    /At least one/
  );
  agent.nginx.upstream = [...agent.nginx.upstream, { server: '127.0.0.1:8070', down: false }];
  const shown = await service.preview('admin', 'nginx.drain', { server: '127.0.0.1:8069' });
  const { body: run } = await service.post<Run>('admin', '/runs', { token: shown.token, reason: 'it fails' });
  const cancelled = await service.post<Run>('admin', `/runs/${run.id}/cancel`);
  assert.equal(cancelled.body.state, 'cancelled');
  assert.notEqual(cancelled.body.finishedAt, null);
  assert.equal((await service.post('admin', `/runs/${run.id}/cancel`)).status, 409);
});

test('an exclusive lock holds until the effect is known', async () => {
  docker.container.restartMs = 800;
  const [one, two] = [await service.preview('admin', 'odoo.restart'), await service.preview('admin', 'odoo.restart')];
  const body = { reason: 'hangs', typedTarget: 'dfr_odoo_prod' };
  const first = await service.post<Run>('admin', '/runs', { ...body, token: one.token });
  const second = await service.post<Problem>('admin', '/runs', { ...body, token: two.token });
  assert.equal(second.status, 409);
  assert.match(second.body.why, /"Restart Odoo" is being done there, asked for by admin/);
  assert.match((await service.preview('admin', 'odoo.restart')).refusal?.why ?? '', /being done/);
  await service.follow(first.body.id);
  docker.container.restartMs = 20;
  assert.equal((await service.post<Run>('admin', '/runs', { ...body, token: two.token })).status, 202);
});

test('actions that fit the alert come first; what is lacking says so', async () => {
  service.world.incident = alert;
  const { actions } = (await service.get<ActionsAnswer>('admin', `/actions?fingerprint=${fingerprint}`)).body;
  // In the order of the rule, then what is meant for the alert, then the rest.
  assert.deepEqual(
    actions.slice(0, 2).map((action) => action.id),
    ['nginx.undrain', 'nginx.reload']
  );
  const fits = actions.map((action) => action.fit?.fits);
  assert.ok(fits.indexOf(false) > actions.findIndex((action) => action.id === 'nginx.drain'));
  assert.equal(fits.lastIndexOf(true), fits.indexOf(false) - 1);
  const lacking = actions.find((action) => action.id === 'postgres.terminate-idle');
  assert.match(lacking?.unavailable ?? '', /^Unavailable, because .*DFR_POSTGRES_URL/);
  const shown = await service.preview('admin', 'postgres.terminate-idle');
  assert.match(shown.refusal?.why ?? '', /DFR_POSTGRES_URL/);
});

test('the policy decides who may run what', async () => {
  const shown = await service.preview('editor', 'nginx.reload');
  assert.equal(shown.token, null);
  assert.match(shown.refusal?.why ?? '', /does not let editor/);
});

test('a broken policy freezes actions and nothing else', async () => {
  const token = await reload();
  const sound = await readFile(service.policyFile, 'utf8');
  await writeFile(service.policyFile, 'grants: {');
  const offered = await service.get<ActionsAnswer>('admin', '/actions');
  assert.match(offered.body.frozen ?? '', /policy file/);
  assert.equal((await service.post('admin', '/actions/nginx.reload/preview', {})).status, 409);
  assert.equal((await service.post('admin', '/runs', { token, reason: 'now' })).status, 409);
  assert.equal((await service.get('admin', '/runs')).status, 200);
  assert.equal((await service.get<{ ok: boolean }>('admin', '/health')).body.ok, false);
  await writeFile(service.policyFile, sound);
  const thawed = await service.post<Run>('admin', '/runs', { token, reason: 'now' });
  assert.equal(thawed.status, 202);
  await service.follow(thawed.body.id);
});

test('events stream, resume after the last one seen, and end with the run', async () => {
  service.world.incident = alert;
  const base = await service.app.listen({ host: '127.0.0.1', port: 0 });
  const { body: run } = await service.post<Run>('admin', '/runs', {
    token: await reload('admin', fingerprint),
    reason: 'stream',
  });
  const stream = async (extra: Record<string, string>, query = '') => {
    const headers = { 'x-dfr-ops-secret': secret, 'x-grafana-id': await service.grafana.sign('admin', 'Admin'), accept: 'text/event-stream', ...extra }; // prettier-ignore
    const answer = await fetch(`${base}/api/v1/runs/${run.id}/events${query}`, { headers });
    assert.match(answer.headers.get('content-type') ?? '', /^text\/event-stream/);
    return [...(await answer.text()).matchAll(/event: run\nid: (\d+)\ndata: (.*)\n\n/g)].map(([, id, data]) => ({ id: Number(id), event: JSON.parse(data!) })); // prettier-ignore
  };
  const all = await stream({});
  assert.deepEqual(
    all.map(({ id }) => id),
    all.map((_one, index) => index + 1)
  );
  assert.equal(all.at(-1)?.event.run.state, 'succeeded');
  assert.deepEqual(
    (await stream({ 'last-event-id': '3' })).map(({ id }) => id),
    all.slice(3).map(({ id }) => id)
  );
  assert.deepEqual(await stream({}, `?after=${all.length}`), []);
});

test('the long poll waits for the next event', async () => {
  const shown = await service.preview('admin', 'nginx.drain', { server: '127.0.0.1:8070' });
  const { body: run } = await service.post<Run>('admin', '/runs', { token: shown.token, reason: 'it fails' });
  const waiting = service.get<{ events: unknown[] }>('admin', `/runs/${run.id}/events?after=1&wait=10`);
  const began = Date.now();
  setTimeout(() => void service.post('admin2', `/runs/${run.id}/reject`), 150);
  const { body } = await waiting;
  assert.equal(body.events.length, 1);
  assert.ok(Date.now() - began < 1500);
});

test('a run left by a dead worker is interrupted, looked at and not repeated', async () => {
  const { body: run } = await service.post<Run>('admin', '/runs', {
    token: await reload(),
    reason: 'before the crash',
  });
  await service.follow(run.id);
  const reloads = agent.nginx.asked.filter((verb) => verb === 'reload').length;
  // As a killed process leaves it: running, under a number whose lock nobody holds.
  await service.store.pool.query(
    `UPDATE runs SET state = 'running', worker = 1, finished_at = NULL, outcome = '', effect = '{"state":"pending","detail":""}' WHERE id = $1`,
    [run.id]
  );
  await waitUntil(
    async () => (await service.get<Run>('admin', `/runs/${run.id}`)).body.state === 'interrupted',
    'the take-up'
  );
  const { run: taken, events } = await service.follow(run.id);
  assert.ok(events.some((event) => event.run.state === 'interrupted' && event.run.effect.state === 'pending'));
  assert.equal(taken.state, 'interrupted');
  assert.equal(taken.effect.state, 'confirmed');
  assert.match(taken.outcome, /was stopped during this run/);
  assert.equal(agent.nginx.asked.filter((verb) => verb === 'reload').length, reloads);
});

test('the audit trail has every step, is chained, and cannot be changed', async () => {
  const { pool } = service.store;
  await linkAudit(pool);
  const { broken, unlinked } = await verifyAudit(pool);
  assert.deepEqual({ broken, unlinked }, { broken: null, unlinked: null });
  const { events } = (await service.get<AuditAnswer>('admin', '/audit?limit=5')).body;
  assert.deepEqual(
    events.map((event) => event.kind),
    ['preview.made', 'run.accepted', 'run.started', 'run.acted', 'run.ended']
  );
  assert.equal(events[0]?.actor, 'admin');
  assert.equal(events[1]?.previousHash, events[0]?.hash);
  await assert.rejects(pool.query("UPDATE audit_events SET actor = 'nobody'"), /append-only/);
  await assert.rejects(pool.query('DELETE FROM audit_events'), /append-only/);
  await assert.rejects(pool.query('TRUNCATE audit_events CASCADE'), /append-only/);
  await pool.query('ALTER TABLE audit_events DISABLE TRIGGER ALL');
  await pool.query("UPDATE audit_events SET actor = 'nobody' WHERE seq = 3");
  assert.equal((await verifyAudit(pool)).broken?.seq, 3);
});

test('previews and refusals are in the audit trail, with who and why', async () => {
  const { rows } = await service.store.pool.query('SELECT coalesce(max(seq), 0) AS last FROM audit_events');
  agent.nginx.fault = 'nginx: [emerg] no';
  await service.preview('admin', 'nginx.reload');
  agent.nginx.fault = '';
  await service.post('admin', '/actions/odoo.restart/preview', { parameters: { graceSeconds: 5 } });
  const token = await reload('admin');
  await service.post('admin2', '/runs', { token, reason: 'stolen' });
  await service.post('admin', '/runs/run-none/cancel');
  const { events } = (await service.get<AuditAnswer>('admin', `/audit?after=${rows[0].last}`)).body;
  assert.deepEqual(
    events.map(({ actor, kind, subject, data }) => [actor, kind, subject, data.code ?? null]),
    [
      ['admin', 'preview.refused', 'nginx.reload', null],
      ['admin', 'preview.refused', 'odoo.restart', 'parameters_wrong'],
      ['admin', 'preview.made', 'nginx.reload', null],
      ['admin2', 'run.refused', 'nginx.reload', 'token_of_another'],
      ['admin', 'run.cancel_refused', 'run-none', 'run_unknown'],
    ]
  );
  assert.match(String(events[0]?.data.why), /nginx: \[emerg\] no/);
});

test('a second preview made beforehand does not pass by the cooldown', async () => {
  const down = () => (agent.nginx.upstream = [{ server: '127.0.0.1:8069', down: true }, { server: '127.0.0.1:8070', down: false }]); // prettier-ignore
  await service.store.pool.query(
    "UPDATE runs SET acted_at = acted_at - interval '1 h' WHERE action_id = 'nginx.undrain'"
  );
  down();
  const [one, two] = [await service.preview('admin', 'nginx.undrain'), await service.preview('admin', 'nginx.undrain')];
  const first = await service.post<Run>('admin', '/runs', { token: one.token, reason: 'mended' });
  await service.follow(first.body.id);
  const second = await service.post<Problem>('admin', '/runs', { token: two.token, reason: 'mended' });
  assert.equal(second.status, 409);
  assert.equal(second.body.code, 'approval_changed');
  assert.match(second.body.why, /cooldown is 60 s/);
});

test('nobody approves what has waited too long, and what is approved gets its turn from then on', async () => {
  agent.nginx.upstream = ['127.0.0.1:8069', '127.0.0.1:8070'].map((server) => ({ server, down: false }));
  const asked = async () => {
    const { token } = await service.preview('admin', 'nginx.drain', { server: '127.0.0.1:8070' });
    return (await service.post<Run>('admin', '/runs', { token, reason: 'it fails' })).body.id;
  };
  const late = await asked();
  const { pool } = service.store;
  await pool.query("UPDATE runs SET approve_until = clock_timestamp() - interval '1 s' WHERE id = $1", [late]);
  assert.equal((await service.post<Problem>('admin2', `/runs/${late}/approve`)).status, 409);
  await service.follow(late);
  const good = await asked();
  assert.equal((await service.post('admin2', `/runs/${good}/approve`)).status, 200);
  await service.follow(good);
  const { rows } = await pool.query(
    "SELECT approve_until < started_at + interval '5 s' AS soon FROM runs WHERE id = $1",
    [good]
  );
  assert.equal(rows[0].soon, true);
  agent.nginx.upstream = agent.nginx.upstream.map((one) => ({ ...one, down: false }));
});

test('a dead worker’s run of an action that is gone is ended once, and its target is free', async () => {
  const { body: run } = await service.post<Run>('admin', '/runs', { token: await reload(), reason: 'old version' });
  await service.follow(run.id);
  await service.store.pool.query(
    `UPDATE runs SET action_id = 'nginx.gone', state = 'running', worker = 1, finished_at = NULL, outcome = '', effect = '{"state":"pending","detail":""}' WHERE id = $1`,
    [run.id]
  );
  const now = async () => (await service.get<Run>('admin', `/runs/${run.id}`)).body;
  await waitUntil(async () => (await now()).finishedAt !== null, 'its end');
  const { run: ended, events } = await service.follow(run.id);
  assert.equal(ended.state, 'interrupted');
  assert.equal(ended.effect.state, 'unknown');
  assert.match(ended.outcome, /There is no action nginx.gone any more/);
  assert.equal(events.filter((event) => /It is not repeated/.test(event.text)).length, 1);
});

test('the API describes itself, and its metrics have the content type that Prometheus asks for', async () => {
  const document = (await service.app.inject({ url: '/openapi.json' })).json();
  assert.equal(document.openapi, '3.1.0');
  assert.ok(document.paths['/api/v1/runs'].post.requestBody);
  const metrics = await service.app.inject({ url: '/metrics' });
  assert.match(String(metrics.headers['content-type']), /^text\/plain; version=0\.0\.4/);
  assert.match(metrics.body, /dfr_ops_runs_total\{action="nginx\.reload",state="succeeded",service="\w+"\} \d/);
  const preview: Preview = await service.preview('admin', 'nginx.test');
  assert.equal(preview.risk, 'low');
});

test('while the store is down it says so, without its text, and comes back', async () => {
  await service.store.stopCluster();
  const answer = await service.get<Problem>('admin', '/runs');
  assert.equal(answer.status, 503);
  assert.equal(answer.body.code, 'store_unreachable');
  await service.store.startCluster();
  await waitUntil(async () => (await service.get('admin', '/runs')).status === 200, 'the store');
});
