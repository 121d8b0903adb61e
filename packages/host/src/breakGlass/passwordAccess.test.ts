import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { request } from 'undici';
import { serviceDatasource, serviceSecret, sessionCookie, startTestHost, type TestHost } from '../test/testHost.ts';
import { readPasswords } from './passwordFile.ts';

const password = 'correct horse battery';
const program = path.join(import.meta.dirname, 'cli.ts');

/** The action service: what it was told, whom it was told by and asked by; `down`: it answers 503. */
const told: Array<Record<string, unknown>> = [];
const asked: Array<string | undefined> = [];
let down = false;
const service: Server = createServer(async (incoming, reply) => {
  let body = '';
  for await (const chunk of incoming) {
    body += chunk;
  }
  if (incoming.url === '/hooks/console') {
    if (!down && incoming.headers['x-dfr-ops-secret'] === serviceSecret) {
      told.push(JSON.parse(body));
    }
    reply.writeHead(down ? 503 : 200);
  } else {
    asked.push(incoming.headers['x-grafana-id'] as string | undefined);
  }
  reply.end('{}');
});
await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
const serviceUrl = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;

let host: TestHost;
let nowMs: number;

beforeEach(async () => {
  nowMs = Date.now();
  told.length = 0;
  asked.length = 0;
  down = false;
  const overrides = { access: 'password', audience: 'dfr-ops-console', secret: null } as const;
  host = await startTestHost([serviceDatasource(serviceUrl)], { now: () => nowMs }, overrides);
});
afterEach(() => host.close());
after(() => service.close());

async function console_(args: string[], input = ''): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [program, ...args, '--file', host.config.passwordFile]);
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out, err };
}
const setPassword = (name = 'ada', text = password) => console_(['passwd', '--stdin', '--name', name], `${text}\n`);

const logIn = (fields: Record<string, string>, headers: Record<string, string> = { origin: host.url }) =>
  fetch(`${host.url}/login`, {
    method: 'POST',
    headers: { 'user-agent': 'test', ...headers },
    body: new URLSearchParams(fields),
    redirect: 'manual',
  });
const userOf = async (cookie: string) => {
  const answer = await fetch(`${host.url}/api/user`, { headers: { cookie } });
  return answer.status === 200 ? ((await answer.json()) as { login: string; orgRole: string }) : answer.status;
};
async function waitFor(what: () => boolean): Promise<void> {
  for (let tries = 0; !what(); tries += 1) {
    assert.ok(tries < 100, 'it did not come');
    await sleep(50);
  }
}

test('name and password open a session of 30 minutes, with a cookie that scripts and other sites cannot use', async () => {
  await setPassword();
  const answer = await logIn({ name: 'Ada ', password, next: '/a/dfr-ops-app/alerts?x=1' });
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.get('location'), '/a/dfr-ops-app/alerts?x=1');
  const cookie = answer.headers.getSetCookie().find((line) => line.startsWith('dfr_host_session')) ?? '';
  assert.match(cookie, /HttpOnly/);
  assert.match(cookie, /SameSite=Strict/);
  assert.match(cookie, /Max-Age=1800/);
  const session = sessionCookie(answer);
  assert.deepEqual(await userOf(session), { ...(await userOf(session) as object), login: 'console:ada', orgRole: 'Admin' }); // prettier-ignore
  nowMs += 30 * 60_000 - 1000;
  assert.notEqual(await userOf(session), 401);
  nowMs += 1000;
  assert.equal(await userOf(session), 401);
});

test('behind https the cookie is sent over https only', async () => {
  const secure = await startTestHost([], {}, { access: 'password', publicUrl: 'https://console.example', passwordFile: host.config.passwordFile }); // prettier-ignore
  await setPassword();
  const { statusCode, headers } = await request(`http://127.0.0.1:${secure.config.listen.port}/login`, {
    method: 'POST',
    headers: { host: 'console.example', origin: 'https://console.example', 'content-type': 'application/x-www-form-urlencoded' }, // prettier-ignore
    body: new URLSearchParams({ name: 'ada', password }).toString(),
  });
  assert.equal(statusCode, 303);
  assert.match(String(headers['set-cookie']), /; Secure/);
  await secure.close();
});

test('nobody gets in without a password, by a link, with a wrong name or password, or before one is set', async () => {
  assert.match(await (await fetch(`${host.url}/login`)).text(), /npm run console -- passwd/);
  assert.equal((await logIn({ name: 'ada', password })).status, 401);
  await setPassword();
  for (const fields of [
    {},
    { name: 'ada' },
    { name: 'ada', password: '' },
    { name: 'ada', password: `${password}x` },
    { name: 'eve', password },
    { name: '__proto__', password },
  ] as Array<Record<string, string>>) {
    // prettier-ignore
    const answer = await logIn(fields);
    assert.equal(answer.status, 401, JSON.stringify(fields));
    assert.equal(sessionCookie(answer), '');
    nowMs += 25 * 3_600_000;
  }
  assert.equal((await fetch(`${host.url}/api/host/login-tokens`, { method: 'POST', headers: { origin: host.url } })).status, 404); // prettier-ignore
  assert.equal((await fetch(`${host.url}/login?token=x`, { redirect: 'manual' })).status, 401);
  assert.equal((await fetch(`${host.url}/a/dfr-ops-app/alerts`)).status, 401);
  assert.equal((await fetch(`${host.url}/api/datasources/proxy/uid/dfr-ops/read/alerts`)).status, 401);
});

test('after five failures the name is locked, longer each time, even for the right password; others are not', async () => {
  await setPassword();
  await setPassword('bob');
  for (let number = 1; number <= 4; number += 1) {
    assert.equal((await logIn({ name: 'ada', password: 'wrong' })).status, 401, String(number));
  }
  const locked = await logIn({ name: 'ada', password: 'wrong' });
  assert.equal(locked.status, 429);
  assert.equal(locked.headers.get('retry-after'), '30');
  assert.match(await locked.text(), /for the next 30 seconds/);
  assert.equal((await logIn({ name: 'ada', password })).status, 429);
  assert.equal((await logIn({ name: 'bob', password })).status, 303);
  const seconds: string[] = [];
  for (let round = 0; round < 7; round += 1) {
    nowMs += 15 * 60_000;
    seconds.push((await logIn({ name: 'ada', password: 'wrong' })).headers.get('retry-after') ?? '');
  }
  assert.deepEqual(seconds, ['60', '120', '240', '480', '900', '900', '900']);
  nowMs += 15 * 60_000;
  assert.equal((await logIn({ name: 'ada', password })).status, 303);
  assert.equal((await logIn({ name: 'ada', password: 'wrong' })).status, 401);
});

test('guesses that are sent at the same moment get no more tries than one after another', async () => {
  await setPassword();
  const answers = await Promise.all(Array.from({ length: 20 }, () => logIn({ name: 'ada', password: 'wrong' })));
  assert.ok(answers.every(({ status }) => status === 401 || status === 429));
  await waitFor(() => told.some(({ kind }) => kind === 'locked'));
  assert.equal((await logIn({ name: 'ada', password })).status, 429);
});

test('another host name, another origin and no origin are refused before the password is looked at', async () => {
  await setPassword();
  const rebound = await request(`${host.url}/login`, { method: 'POST', headers: { host: 'evil.example', origin: 'http://evil.example' } }); // prettier-ignore
  assert.equal(rebound.statusCode, 421);
  for (const headers of [{ origin: 'http://evil.example' }, { origin: 'null' }, {}] as Array<Record<string, string>>) {
    const answer = await logIn({ name: 'ada', password }, headers);
    assert.equal(answer.status, 403, JSON.stringify(headers));
    assert.equal(sessionCookie(answer), '');
  }
  const session = sessionCookie(await logIn({ name: 'ada', password }));
  const write = (headers: Record<string, string>) =>
    fetch(`${host.url}/api/datasources/proxy/uid/dfr-ops/act/runs`, { method: 'POST', headers: { cookie: session, ...headers } }); // prettier-ignore
  assert.equal((await write({})).status, 403);
  assert.equal((await write({ origin: 'http://evil.example' })).status, 403);
  assert.equal((await write({ origin: host.url })).status, 200);
});

test('what it asks the service for bears a token of its own issuer and audience', async () => {
  await setPassword();
  const cookie = sessionCookie(await logIn({ name: 'ada', password }));
  await fetch(`${host.url}/api/datasources/proxy/uid/dfr-ops/read/alerts`, { headers: { cookie } });
  const token = asked[0] ?? '';
  const { iss, aud, username, role, type } = decodeJwt(token);
  assert.deepEqual({ iss, aud, username, role, type }, { iss: host.url, aud: 'dfr-ops-console', username: 'console:ada', role: 'Admin', type: 'user' }); // prettier-ignore
  const keys = await fetch(`${host.url}/api/signing-keys/keys`);
  const { keys: published } = (await keys.json()) as { keys: Array<{ kid: string }> };
  assert.ok(published.some(({ kid }) => kid === decodeProtectedHeader(token).kid));
  assert.equal(keys.headers.get('x-dfr-ops-console-password'), 'set');
});

test('logins, failures, the lock and logouts are told to the service, never a name that is not known', async () => {
  await setPassword();
  await logIn({ name: 'hunter2-of-ada', password: 'ada' });
  for (let number = 0; number < 5; number += 1) {
    await logIn({ name: 'ada', password: 'wrong' });
  }
  nowMs += 60_000;
  const cookie = sessionCookie(await logIn({ name: 'ada', password }));
  await fetch(`${host.url}/logout`, { method: 'POST', headers: { cookie, origin: host.url } });
  assert.equal(await userOf(cookie), 401);
  await waitFor(() => told.length === 9);
  assert.deepEqual(
    told.map(({ kind, login, failures, lockedSeconds }) => [kind, login, failures, lockedSeconds]),
    [
      ['login_failed', 'console:?', 1, 0],
      ...[1, 2, 3, 4, 5].map((failures) => ['login_failed', 'console:ada', failures, 0]),
      ['locked', 'console:ada', 5, 30],
      ['login', 'console:ada', 0, 0],
      ['logout', 'console:ada', 0, 0],
    ]
  );
  assert.equal(new Set(told.map(({ id }) => id)).size, 9);
  assert.deepEqual([told[0]?.address, told[0]?.userAgent], ['127.0.0.1', 'test']);
});

test('while the service is down people get in, and it is told when it is back', async () => {
  await setPassword();
  down = true;
  assert.equal((await logIn({ name: 'ada', password })).status, 303);
  await sleep(300);
  assert.equal((await readdir(path.join(host.config.dataDir, 'login-events'))).length, 1);
  down = false;
  await waitFor(() => told.length === 1);
  await waitFor(() => told[0]?.kind === 'login');
  await sleep(100);
  assert.deepEqual(await readdir(path.join(host.config.dataDir, 'login-events')), []);
});

test('passwd keeps a salted hash in a file of 0600, and ends every session', async () => {
  assert.equal((await fetch(`${host.url}/api/signing-keys/keys`)).headers.get('x-dfr-ops-console-password'), 'unset');
  await setPassword();
  const cookie = sessionCookie(await logIn({ name: 'ada', password }));
  assert.equal((await stat(host.config.passwordFile)).mode & 0o777, 0o600);
  await setPassword('bob');
  assert.equal(await userOf(cookie), 401);
  const { ada, bob } = await readPasswords(host.config.passwordFile);
  assert.match(ada ?? '', /^scrypt\$32768\$8\$3\$/);
  assert.notEqual(ada, bob);
  assert.ok(!(await readFile(host.config.passwordFile, 'utf8')).includes(password));
  assert.equal((await console_(['list'])).out, 'ada\nbob\n');
  assert.equal((await console_(['remove', '--name', 'bob'])).code, 0);
  assert.equal((await logIn({ name: 'bob', password })).status, 401);
});

test('passwd refuses what is too short, too like the name or badly named, and changes nothing', async () => {
  await setPassword();
  const before = await readFile(host.config.passwordFile, 'utf8');
  for (const [args, input, message] of [
    [['passwd', '--stdin'], 'short\n', /fewer than 12 characters/],
    [['passwd', '--stdin', '--name', 'administrator'], 'administrator1\n', /little more than the name/],
    [['passwd', '--stdin', '--name', 'A b'], `${password}\n`, /--name is of small letters/],
    [['passwd'], `${password}\n`, /standard input is no terminal/],
    [['remove', '--name', 'eve'], '', /there is no password of eve/],
    [[], '', /the command is passwd, list or remove/],
  ] as Array<[string[], string, RegExp]>) {
    const { code, err } = await console_(args, input);
    assert.equal(code, 2, err);
    assert.match(err, message);
  }
  assert.equal(await readFile(host.config.passwordFile, 'utf8'), before);
});

test('a broken password file lets nobody in, and says so', async () => {
  await setPassword();
  await writeFile(host.config.passwordFile, '{');
  assert.match(await (await fetch(`${host.url}/login`)).text(), /does not hold the console/);
  assert.equal((await logIn({ name: 'ada', password })).status, 503);
});

test('nobody is sent elsewhere after the login', async () => {
  await setPassword();
  for (const next of [
    '//evil.example',
    'https://evil.example/',
    '/\\evil.example',
    'javascript:alert(1)',
    '/login',
    '/%09/evil',
    '',
  ]) {
    // prettier-ignore
    const answer = await logIn({ name: 'ada', password, next });
    assert.match(answer.headers.get('location') ?? '', /^\/($|%09)/, next);
  }
});
