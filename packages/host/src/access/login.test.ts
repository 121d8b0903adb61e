import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type TestHost,
  hostSecret,
  serviceDatasource,
  serviceSecret,
  sessionCookie,
  startTestHost,
} from '../test/testHost.ts';

let host: TestHost;
let nowMs = Date.now();

before(async () => {
  host = await startTestHost([serviceDatasource('http://127.0.0.1:1')], { now: () => nowMs });
});
after(() => host.close());

const visit = (cookie: string, path = '/api/user') => fetch(`${host.url}${path}`, { headers: { cookie } });
const askForLink = (headers: Record<string, string>, body: unknown) =>
  fetch(`${host.url}/api/host/login-tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

test('a link logs in once, with a cookie that scripts and other sites cannot use', async () => {
  const answer = await fetch(await host.linkFor('editor'), { redirect: 'manual' });
  assert.equal(answer.status, 302);
  assert.equal(answer.headers.get('location'), '/');
  const cookie = answer.headers.getSetCookie().find((line) => line.startsWith('dfr_host_session')) ?? '';
  assert.match(cookie, /HttpOnly/);
  assert.match(cookie, /SameSite=Strict/);
  assert.match(cookie, /Max-Age=28800/);
  const user = await visit(sessionCookie(answer));
  assert.deepEqual(((await user.json()) as { orgRole: string }).orgRole, 'Editor');
});

test('a link that has been used, has expired or was made up logs nobody in', async () => {
  const used = await host.linkFor('admin');
  assert.notEqual(sessionCookie(await fetch(used, { redirect: 'manual' })), '');
  await assertRefused(used);
  await assertRefused(`${host.url}/login?token=made-up`);
  const expired = await host.linkFor('admin');
  nowMs += 15 * 60_000;
  await assertRefused(expired);
});

test('a session ends after eight hours, and at logout', async () => {
  const leaving = await host.logIn('viewer');
  assert.equal((await fetch(`${host.url}/logout`, { method: 'POST', headers: { cookie: leaving } })).status, 204);
  assert.equal((await visit(leaving)).status, 401);
  const staying = await host.logIn('viewer');
  nowMs += 8 * 3_600_000 - 1000;
  assert.equal((await visit(staying)).status, 200);
  nowMs += 1000;
  assert.equal((await visit(staying)).status, 401);
});

test('links are made only for whoever holds the secret, and for known people', async () => {
  assert.equal((await askForLink({}, { login: 'admin' })).status, 403);
  assert.equal((await askForLink({ 'x-host-secret': `${hostSecret}x` }, { login: 'admin' })).status, 403);
  assert.equal((await askForLink({ 'x-host-secret': hostSecret }, { login: 'root' })).status, 400);
  assert.equal((await askForLink({ 'x-host-secret': hostSecret }, {})).status, 400);
});

test('a page without a session says how to get a link, the same page with one is the host', async () => {
  const without = await visit('', '/a/dfr-ops-app/overview');
  assert.equal(without.status, 401);
  assert.match(await without.text(), /npm start/);
  const page = await visit(await host.logIn('viewer'), '/a/dfr-ops-app/overview');
  assert.equal(page.status, 200);
  assert.match(page.headers.get('content-security-policy') ?? '', /script-src 'self' 'nonce-/);
});

test('nothing that the browser is given holds the secret of a datasource', async () => {
  const cookie = await host.logIn('admin');
  for (const path of [
    '/',
    '/api/frontend/settings',
    '/api/datasources/uid/dfr-ops',
    '/api/plugins/dfr-ops-datasource/settings',
    '/api/plugins/dfr-ops-app/settings',
  ]) {
    const answer = await visit(cookie, path);
    assert.equal(answer.status, 200, path);
    assert.ok(!(await answer.text()).includes(serviceSecret), path);
  }
});

test('another host name and writes from another origin are refused', async () => {
  const cookie = await host.logIn('admin');
  const { request } = await import('undici');
  const rebound = await request(`${host.url}/api/user`, { headers: { cookie, host: 'evil.example' } });
  assert.equal(rebound.statusCode, 421);
  const foreign = await fetch(`${host.url}/logout`, {
    method: 'POST',
    headers: { cookie, origin: 'http://evil.example' },
  });
  assert.equal(foreign.status, 403);
  const own = await fetch(`${host.url}/logout`, { method: 'POST', headers: { cookie, origin: host.url } });
  assert.equal(own.status, 204);
});

async function assertRefused(link: string): Promise<void> {
  const answer = await fetch(link, { redirect: 'manual' });
  assert.equal(answer.status, 401, link);
  assert.equal(sessionCookie(answer), '');
  assert.match(await answer.text(), /used or has expired/);
}
