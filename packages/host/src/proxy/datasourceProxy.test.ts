import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { parseDatasources } from '../datasources/datasource.ts';
import { type TestHost, serviceDatasource, serviceSecret, startTestHost } from '../test/testHost.ts';
import { type Upstream, startUpstream } from '../test/upstream.ts';

let upstream: Upstream;
let host: TestHost;
let cookies: Record<'admin' | 'editor' | 'viewer', string>;
let release: () => void = () => undefined;

before(async () => {
  upstream = await startUpstream(answer);
  const others = parseDatasources([
    {
      uid: 'prom',
      name: 'Prometheus',
      type: 'prometheus',
      url: upstream.url,
      basicAuth: true,
      basicAuthUser: 'ops',
      secureJsonData: { basicAuthPassword: 'geheim' },
    },
  ]);
  host = await startTestHost([serviceDatasource(upstream.url), ...others], { headersTimeoutMs: 300 });
  cookies = {
    admin: await host.logIn('admin'),
    editor: await host.logIn('editor'),
    viewer: await host.logIn('viewer'),
  };
});
after(async () => {
  await host.close();
  await upstream.close();
});

function answer(request: http.IncomingMessage, response: http.ServerResponse): void {
  const { pathname } = new URL(request.url ?? '', 'http://upstream');
  if (pathname.endsWith('/stream')) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('id: 1\ndata: first\n\n');
    release = () => response.end('id: 2\ndata: second\n\n');
  } else if (pathname.endsWith('/unauthorized')) {
    response.writeHead(401, { 'www-authenticate': 'Bearer' }).end('who are you');
  } else if (!pathname.endsWith('/slow')) {
    response
      .writeHead(200, {
        'content-type': 'application/json',
        'set-cookie': 'upstream=1',
        'access-control-allow-origin': '*',
      })
      .end('{"alerts":[]}');
  }
}

const ask = (user: keyof typeof cookies, path: string, init: RequestInit = {}) =>
  fetch(`${host.url}/api/datasources/proxy/uid/${path}`, {
    ...init,
    headers: { cookie: cookies[user], ...init.headers },
  });

test('adds the secret and keeps the rest of the request', async () => {
  const response = await ask('editor', 'dfr-ops/act/runs?a=1&b=%2F', {
    method: 'POST',
    body: '{"token":"t"}',
    headers: { 'content-type': 'application/json' },
  });
  assert.equal(response.status, 200);
  const seen = upstream.seen.at(-1);
  assert.equal(seen?.method, 'POST');
  assert.equal(seen?.url, '/api/v1/runs?a=1&b=%2F');
  assert.equal(seen?.body, '{"token":"t"}');
  assert.equal(seen?.headers['x-dfr-ops-secret'], serviceSecret);
});

test('the browser cannot send its own secret, identity, authorization, origin or cookies', async () => {
  const forged = {
    'x-dfr-ops-secret': 'mine',
    'x-grafana-id': 'forged',
    'x-grafana-user': 'root',
    authorization: 'Bearer x',
    'x-ds-authorization': 'Bearer y',
    referer: `${host.url}/a`,
    cookie: `${cookies.viewer}; other=1`,
  };
  await ask('viewer', 'dfr-ops/read/alerts', { headers: forged });
  const headers = upstream.seen.at(-1)?.headers ?? {};
  assert.equal(headers['x-dfr-ops-secret'], serviceSecret);
  assert.notEqual(headers['x-grafana-id'], 'forged');
  for (const name of ['x-grafana-user', 'authorization', 'x-ds-authorization', 'referer', 'origin', 'cookie']) {
    assert.equal(headers[name], undefined, name);
  }
});

test('the identity token verifies against the published keys and says who asks', async () => {
  await ask('editor', 'dfr-ops/read/me');
  const token = String(upstream.seen.at(-1)?.headers['x-grafana-id']);
  const keys = createRemoteJWKSet(new URL(`${host.url}/api/signing-keys/keys`));
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    issuer: host.url,
    audience: 'org:1',
    algorithms: ['ES256'],
  });
  assert.match(protectedHeader.kid ?? '', /^id-\d{4}-\d{2}-es256$/);
  assert.equal(Number(payload.exp) - Number(payload.iat), 600);
  const { type, username, role, namespace } = payload;
  assert.deepEqual(
    { type, username, role, namespace },
    { type: 'user', username: 'editor', role: 'Editor', namespace: 'default' }
  );
});

test('a token with another body does not verify against the published keys', async () => {
  await ask('viewer', 'dfr-ops/read/me');
  const [head, body, signature] = String(upstream.seen.at(-1)?.headers['x-grafana-id']).split('.');
  const promoted = Buffer.from(
    Buffer.from(body ?? '', 'base64url')
      .toString()
      .replace('Viewer', 'Admin')
  ).toString('base64url');
  const keys = createRemoteJWKSet(new URL(`${host.url}/api/signing-keys/keys`));
  await assert.rejects(jwtVerify(`${head}.${promoted}.${signature}`, keys));
});

test('a role that is too weak, a wrong method, no route and a broken template never reach the service', async () => {
  const before = upstream.seen.length;
  const refused: Array<[keyof typeof cookies, string, string, number]> = [
    ['viewer', 'POST', 'dfr-ops/act/runs', 403],
    ['editor', 'DELETE', 'dfr-ops/act/runs', 403],
    ['editor', 'GET', 'dfr-ops/act/runs', 403],
    ['viewer', 'GET', 'dfr-ops/broken', 500],
    ['viewer', 'GET', 'dfr-ops/else', 403],
    ['admin', 'GET', 'nowhere/read', 404],
    ['admin', 'POST', 'prom/-/reload', 403],
  ];
  for (const [user, method, path, status] of refused) {
    const response = await ask(user, path, { method });
    assert.equal(response.status, status, `${user} ${method} ${path}`);
    assert.ok(((await response.json()) as { message: string }).message.length > 10);
  }
  assert.equal(upstream.seen.length, before);
});

test('a viewer who climbs from read into act over a raw socket is refused', async () => {
  const before = upstream.seen.length;
  for (const path of ['read/../act/runs', 'read/%2e%2e/act/runs', '/act/runs', 'read%2f..%2fact/runs']) {
    const status = await rawStatus('POST', `/api/datasources/proxy/uid/dfr-ops/${path}`, cookies.viewer);
    assert.ok([400, 403].includes(status), `${path}: ${status}`);
  }
  assert.equal(upstream.seen.length, before);
});

test('without a session nothing is proxied', async () => {
  const response = await fetch(`${host.url}/api/datasources/proxy/uid/dfr-ops/read/alerts`);
  assert.equal(response.status, 401);
});

test("an upstream's 401 comes back as 400, its cookies and its CORS headers do not come back", async () => {
  assert.equal((await ask('viewer', 'dfr-ops/read/unauthorized')).status, 400);
  const response = await ask('viewer', 'dfr-ops/read/alerts');
  assert.equal(response.headers.get('set-cookie'), null);
  assert.equal(response.headers.get('access-control-allow-origin'), null);
  assert.equal(response.headers.get('content-security-policy'), 'sandbox');
});

test('events come as they are sent, before the stream ends', { timeout: 5000 }, async () => {
  const response = await ask('viewer', 'dfr-ops/read/stream', { headers: { accept: 'text/event-stream' } });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const first = await reader.read();
  assert.equal(new TextDecoder().decode(first.value), 'id: 1\ndata: first\n\n');
  release();
  const second = await reader.read();
  assert.equal(new TextDecoder().decode(second.value), 'id: 2\ndata: second\n\n');
});

test('an answer that does not begin in time is a 504 that says so, one that cannot be reached a 502', async () => {
  const slow = await ask('viewer', 'dfr-ops/read/slow');
  assert.equal(slow.status, 504);
  assert.match(((await slow.json()) as { message: string }).message, /did not begin to answer/);
  assert.equal((await ask('admin', 'dfr-ops/catch/all')).status, 502);
});

test("Prometheus is asked with the datasource's password, whatever the browser sends", async () => {
  const response = await ask('viewer', 'prom/api/v1/query?query=up', { headers: { authorization: 'Basic bWluZQ==' } });
  assert.equal(response.status, 200);
  assert.equal(upstream.seen.at(-1)?.headers.authorization, `Basic ${Buffer.from('ops:geheim').toString('base64')}`);
});

/** fetch tidies paths before it sends them: this does not. */
function rawStatus(method: string, path: string, cookie: string): Promise<number> {
  const { hostname, port } = new URL(host.url);
  return new Promise((resolve, reject) => {
    const request = http.request(
      { hostname, port, method, path, headers: { cookie, host: `${hostname}:${port}` } },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      }
    );
    request.on('error', reject);
    request.end();
  });
}
