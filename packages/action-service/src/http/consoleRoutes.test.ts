import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { AuditAnswer } from '@dfr-ops/contracts';
import { takeConsoleEvent } from '../audit/takeConsoleEvent.ts';
import { secret, startServiceUnderTest, type ServiceUnderTest } from '../test/serviceUnderTest.ts';

let service: ServiceUnderTest;
before(async () => {
  service = await startServiceUnderTest({});
});
after(() => service?.stop());

const event = (overrides: object = {}) => ({
  id: randomUUID(),
  at: '2026-03-01T03:14:07.000Z',
  kind: 'login' as const,
  login: 'console:ada',
  address: '127.0.0.1',
  userAgent: 'Firefox',
  failures: 0,
  lockedSeconds: 0,
  ...overrides,
});
const post = (payload: object, given: string | undefined = secret) =>
  service.app.inject({
    method: 'POST',
    url: '/hooks/console',
    payload,
    headers: given === undefined ? {} : { 'x-dfr-ops-secret': given },
  });
const audited = async () => (await service.get<AuditAnswer>('viewer', '/audit?kind=console.*')).body.events;
const notices = async () =>
  (await service.store.pool.query("SELECT kind, recipient, subject, text FROM notices WHERE reference LIKE 'console/%' ORDER BY id")).rows; // prettier-ignore

test('a login is audited once, however often the console tells of it', async () => {
  const login = event();
  assert.equal((await post(login)).statusCode, 200);
  assert.equal((await post(login)).statusCode, 200);
  const entries = await audited();
  assert.equal(entries.length, 1);
  assert.deepEqual([entries[0]?.actor, entries[0]?.kind], ['console:ada', 'console.login']);
  assert.equal(entries[0]?.data.address, '127.0.0.1');
});

test('without the secret of the route, or in another form, nothing is written', async () => {
  const before = (await audited()).length;
  assert.equal((await post(event(), '')).statusCode, 403);
  assert.equal((await post(event(), `${secret}x`)).statusCode, 403);
  for (const wrong of [{ login: 'admin' }, { login: 'console:A b' }, { kind: 'sudo' }, { id: '1' }, { failures: -1 }]) {
    assert.equal((await post(event(wrong))).statusCode, 400, JSON.stringify(wrong));
  }
  assert.equal((await audited()).length, before);
});

test('the others are told: a login and a lock by SMS and mail, a failure by mail, a logout not at all', async () => {
  const recipients = { smsTo: ['+23276123456'], mailTo: ['ops@dfr.example'], consoleUrl: 'http://127.0.0.1:3001' };
  const take = (overrides: object) => takeConsoleEvent(service.store.pool, event(overrides), recipients);
  await take({});
  await take({ kind: 'login_failed', login: 'console:?', failures: 2 });
  await take({ kind: 'locked', failures: 5, lockedSeconds: 30 });
  await take({ kind: 'logout' });
  const told = await notices();
  assert.deepEqual(
    told.map(({ kind }) => kind),
    ['sms_console', 'email_console', 'email_console', 'sms_console', 'email_console']
  );
  assert.equal(told[0].text, 'DFR Ops: ada logged in to the break-glass console, 1 Mar 03:14:07 UTC, from 127.0.0.1.');
  assert.match(told[1].text, /Console: http:\/\/127\.0\.0\.1:3001\n\nIf nobody of you did this: .*--actor console:ada/);
  assert.match(told[2].text, /^A login of an unknown name to the break-glass console failed \(2 in a row\)/);
  assert.match(told[3].text, /ada is locked at the break-glass console for 30 s after 5 failed logins/);
  assert.equal((await audited()).length, 5);
});

test('a token of the console is refused where the console is not configured', async () => {
  const headers = {
    'x-dfr-ops-secret': secret,
    'x-grafana-id': await service.grafana.sign('console:ada', 'Admin', { aud: 'dfr-ops-console' }),
  };
  assert.equal((await service.app.inject({ url: '/api/v1/me', headers })).statusCode, 401);
});
