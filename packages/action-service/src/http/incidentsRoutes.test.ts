import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { after, before, test } from 'node:test';
import type { Alert, Person } from '@dfr-ops/contracts';
import { Registry } from 'prom-client';
import { buildApp } from '../app.ts';
import { answerAlerts } from '../alerts/answerAlerts.ts';
import type { Deps } from '../deps.ts';
import { setTargets } from '../incidents/responseTargets.ts';
import { fire, openIncident } from '../incidents/transitions.ts';
import { silentLog, startStore, type ScratchStore } from '../test/startStore.ts';
import type { App } from './app.ts';

let store: ScratchStore;
let app: App;
let id: string;
let role: Person['role'] = 'Editor';
let alerts: Alert[] | null = null;
let lookedAt = 1000;

const breach = { fingerprint: 'f1', labels: { alertname: 'OdooDown', severity: 'critical', service: 'odoo', country: 'SLE', env: 'demo' }, annotations: { summary: 'Odoo is down' }, origin: 'prometheus' as const, value: 0 }; // prettier-ignore
const alert = (name: string, severity: string): Alert => ({ fingerprint: name, name, labels: { alertname: name, severity }, annotations: {}, state: 'firing', activeAt: null, startsAt: null, value: 1, silencedBy: [], inhibitedBy: [], acknowledged: null, incidentId: null, sight: 'seen', receivedBy: [], actions: [] }); // prettier-ignore

before(async () => {
  store = await startStore();
  const deps = {
    config: { secret: 's', webhookToken: 't' },
    log: silentLog,
    metrics: new Registry(),
    store: store.pool,
    now: () => new Date(),
    identity: { verify: async () => ({ login: 'ada', name: 'Ada', email: '', role }) },
    incidents: {
      receiptToken: 'r',
      alerts: async (matchers: Parameters<typeof answerAlerts>[3]) =>
        alerts && answerAlerts(lookedAt, alerts, [], matchers),
    },
  };
  app = await buildApp(deps as unknown as Deps);
  const at = new Date(Date.now() - 60_000);
  const row = await openIncident(store.pool, { ...breach, openedAt: at, lastSeenAt: at });
  id = row!.id;
  await fire(store.pool, row!, at, 'alertmanager', 0);
  await store.pool.query(`INSERT INTO response_targets VALUES ('critical', 'acknowledge', 900)`);
  await setTargets(store.pool);
});
after(async () => {
  await app?.close();
  await store?.stop();
});

const headers = { 'x-dfr-ops-secret': 's' };
const get = (url: string, more: Record<string, string> = {}) =>
  app.inject({ url: `/api/v1${url}`, headers: { ...headers, ...more } });
const post = (url: string, payload: object = {}) =>
  app.inject({ method: 'POST', url: `/api/v1${url}`, headers, payload });

test('alerts: 503 before the first look, 304 while nothing changed but the time, gzip, filters', async () => {
  assert.equal((await get('/alerts')).statusCode, 503);
  alerts = [alert('A', 'critical'), ...Array.from({ length: 50 }, (_, index) => alert(`B${index}`, 'warning'))];
  const first = await get('/alerts');
  assert.equal(first.json().alerts.length, 51);
  lookedAt = 2000;
  assert.equal((await get('/alerts', { 'if-none-match': first.headers.etag as string })).statusCode, 304);
  alerts[0]!.value = 2;
  const changed = await get('/alerts', { 'if-none-match': first.headers.etag as string, 'accept-encoding': 'gzip' });
  assert.equal(changed.statusCode, 200);
  assert.equal(JSON.parse(gunzipSync(changed.rawPayload).toString()).alerts[0].value, 2);
  const filter = `?filter=${encodeURIComponent('severity="critical"')}`;
  assert.deepEqual(
    (await get(`/alerts${filter}`)).json().alerts.map(({ name }: Alert) => name),
    ['A']
  );
  const wrong = await get('/alerts?filter=nonsense');
  assert.equal(wrong.statusCode, 400);
  assert.equal(wrong.json().code, 'filter_wrong');
});

test('incidents: listed by state, one with its timeline, an unknown one 404', async () => {
  assert.deepEqual(
    (await get('/incidents?state=open&fingerprint=f1')).json().incidents.map((one: { id: string }) => one.id),
    [id]
  );
  assert.deepEqual((await get('/incidents?state=resolved')).json().incidents, []);
  assert.equal((await get('/incidents?state=closed')).statusCode, 400);
  const detail = (await get(`/incidents/${id}`)).json();
  assert.deepEqual(
    detail.timeline.map(({ kind }: { kind: string }) => kind),
    ['pending', 'firing']
  );
  assert.equal(Date.parse(detail.acknowledgeBy) - Date.parse(detail.firingAt), 15 * 60_000);
  assert.equal((await get('/incidents/nothing')).statusCode, 404);
});

test('incidents and runs: only those of the country, environment and services that are asked for', async () => {
  const run = (name: string, labels: object | null) =>
    store.pool.query(
      `INSERT INTO runs (id, token_hash, body_hash, action_id, title, target_kind, target_name, risk, lock, parameters,
         snapshot, reason, requested_by, state, effect, alert, approval, alert_labels)
       VALUES ($1, $1, '', 'odoo.restart', '', 'odoo', 'odoo', 'high', '', '{}', '{}', '', 'ada', 'queued',
         '{"state":"pending","detail":""}', '{"state":"not_meant_to_clear","since":null,"freshSamples":0,"detail":""}', 'none', $2)`,
      [name, labels]
    );
  await run('of-sle', { country: 'SLE', env: 'demo', service: 'odoo' });
  await run('of-lbr', { country: 'LBR', env: 'demo', service: 'nginx' });
  await run('of-none', null);
  const found = async (query: string) => {
    const [incidents, runs] = await Promise.all([get(`/incidents?${query}`), get(`/runs?${query}`)]);
    assert.deepEqual([incidents.statusCode, runs.statusCode], [200, 200], runs.body);
    const ids = runs.json().runs.map((one: { id: string }) => one.id);
    return [incidents.json().incidents.length, ...ids.sort()];
  };
  assert.deepEqual(await found(''), [1, 'of-lbr', 'of-none', 'of-sle']);
  assert.deepEqual(await found('country=SLE&env=demo'), [1, 'of-none', 'of-sle']);
  assert.deepEqual(await found('country=LBR'), [0, 'of-lbr', 'of-none']);
  assert.deepEqual(await found('env=prod'), [0, 'of-none']);
  assert.deepEqual(await found('service=nginx'), [0, 'of-lbr']);
  assert.deepEqual(await found('country=SLE,LBR&service=nginx,odoo'), [1, 'of-lbr', 'of-sle']);
  for (const wrong of ['country=', 'service=.%2B', "env='", 'country=$country', 'env=a&env=b']) {
    for (const list of ['incidents', 'runs']) {
      const answer = await get(`/${list}?${wrong}`);
      assert.equal(answer.statusCode, 400, `${list} ${wrong}`);
      assert.equal(answer.json().issues[0].path, wrong.split('=')[0]);
    }
  }
});

test('acknowledging is recorded, audited and ends by itself; a viewer may not', async () => {
  role = 'Viewer';
  assert.equal((await post(`/incidents/${id}/acknowledge`, { comment: 'on it' })).statusCode, 403);
  role = 'Editor';
  assert.equal((await post(`/incidents/${id}/acknowledge`, { comment: 'on it', minutes: 241 })).statusCode, 400);
  assert.equal((await post(`/incidents/${id}/unacknowledge`)).statusCode, 409);
  const given = (await post(`/incidents/${id}/acknowledge`, { comment: 'on it' })).json();
  assert.equal(given.acknowledged.by, 'ada');
  const audited = await store.pool.query('SELECT kind, actor, subject FROM audit_events');
  assert.deepEqual(audited.rows, [{ kind: 'incident.acknowledged', actor: 'ada', subject: id }]);
  await store.pool.query(`UPDATE acknowledgements SET until = now()`);
  assert.equal((await get(`/incidents/${id}`)).json().acknowledged, null);
  await post(`/incidents/${id}/acknowledge`, { comment: 'on it again' });
  assert.equal((await post(`/incidents/${id}/unacknowledge`)).json().acknowledged, null);
});

test('a comment, a renewal and the mean times: for those who may act, with what the contract wants', async () => {
  role = 'Viewer';
  assert.equal((await post(`/incidents/${id}/comments`, { text: 'seen' })).statusCode, 403);
  assert.equal((await post(`/incidents/${id}/renew`)).statusCode, 403);
  role = 'Editor';
  assert.equal((await post(`/incidents/${id}/comments`, { text: '  ' })).statusCode, 400);
  assert.equal((await post(`/incidents/nothing/comments`, { text: 'seen' })).statusCode, 404);
  const said = await post(`/incidents/${id}/comments`, { text: ' seen ' });
  assert.deepEqual([said.statusCode, said.json().text, said.json().source], [200, 'seen', 'ada']);
  assert.equal((await post(`/incidents/${id}/renew`)).statusCode, 409);
  await post(`/incidents/${id}/acknowledge`, { comment: 'on it', minutes: 5 });
  const renewed = (await post(`/incidents/${id}/renew`)).json();
  assert.ok(Date.parse(renewed.acknowledged.until) > Date.now() + 29 * 60_000);
  const times = await get('/response-times?days=7&service=odoo');
  assert.deepEqual([times.statusCode, times.json().days, times.json().severities[0].acknowledged], [200, 7, 1]);
  assert.equal((await get('/response-times?days=0')).statusCode, 400);
});

test('annotations hold the incident of that time and none of another', async () => {
  const now = Date.now();
  const [annotation] = (await get(`/annotations?from=${now - 3_600_000}&to=${now}`)).json().annotations;
  assert.equal(annotation.incidentId, id);
  assert.equal(annotation.timeEnd, null);
  assert.deepEqual((await get(`/annotations?from=0&to=1000`)).json().annotations, []);
  assert.equal((await get('/annotations?from=yesterday&to=1')).statusCode, 400);
});

test('what is resolved cannot be acknowledged', async () => {
  await store.pool.query(`UPDATE incidents SET state = 'resolved', normal_at = now(), resolved_at = now()`);
  assert.equal((await post(`/incidents/${id}/acknowledge`, { comment: 'too late' })).statusCode, 409);
});
