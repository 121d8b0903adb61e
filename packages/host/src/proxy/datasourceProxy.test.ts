import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { parseDatasources } from '../datasources/datasource.ts';
import { contractDatasources, contractSecret, proxyContract } from '../test/proxyContract.ts';
import { type TestHost, startTestHost } from '../test/testHost.ts';
import { type Upstream, startUpstream } from '../test/upstream.ts';

proxyContract('host', async (upstreamUrl) => {
  const timeoutMs = 300;
  const host = await startTestHost(parseDatasources(contractDatasources(upstreamUrl)), { headersTimeoutMs: timeoutMs });
  const cookies = {
    admin: await host.logIn('admin'),
    editor: await host.logIn('editor'),
    viewer: await host.logIn('viewer'),
  };
  return { url: host.url, issuer: host.url, timeoutMs, cookieOf: (login) => cookies[login], close: host.close };
});

let upstream: Upstream;
let host: TestHost;
let cookies: Record<'admin' | 'editor' | 'viewer', string>;

before(async () => {
  upstream = await startUpstream((request, response) => {
    if (!request.url?.endsWith('/slow')) {
      response.writeHead(200, { 'access-control-allow-origin': '*' }).end('{}');
    }
  });
  host = await startTestHost(parseDatasources(contractDatasources(upstream.url)), { headersTimeoutMs: 300 });
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

const ask = (user: keyof typeof cookies, path: string, init: RequestInit = {}) =>
  fetch(`${host.url}/api/datasources/proxy/uid/${path}`, {
    ...init,
    headers: { cookie: cookies[user], ...init.headers },
  });

test('what is refused says why, and never reaches the service', async () => {
  const refused: Array<[keyof typeof cookies, string, string, number]> = [
    ['viewer', 'POST', 'dfr-ops/act/runs', 403],
    ['editor', 'DELETE', 'dfr-ops/act/runs', 403],
    ['viewer', 'GET', 'without-address/read/alerts', 500],
    ['viewer', 'GET', 'dfr-ops/else', 403],
    ['admin', 'GET', 'nowhere/read', 404],
    ['admin', 'POST', 'prom/-/reload', 403],
  ];
  for (const [user, method, path, status] of refused) {
    const response = await ask(user, path, { method });
    assert.equal(response.status, status, `${user} ${method} ${path}`);
    assert.ok(((await response.json()) as { message: string }).message.length > 10);
  }
  assert.equal(upstream.seen.length, 0);
});

test('nothing of Grafana that the browser sends goes on, nor its other cookies', async () => {
  await ask('viewer', 'dfr-ops/read/alerts', {
    headers: {
      'x-grafana-user': 'root',
      'x-ds-authorization': 'Bearer y',
      authorization: 'Bearer x',
      cookie: `${cookies.viewer}; other=1`,
    },
  });
  const headers = upstream.seen.at(-1)?.headers ?? {};
  assert.equal(headers['x-dfr-ops-secret'], contractSecret);
  for (const name of ['x-grafana-user', 'authorization', 'x-ds-authorization', 'cookie']) {
    assert.equal(headers[name], undefined, name);
  }
});

test("an upstream's CORS headers do not come back", async () => {
  const response = await ask('viewer', 'dfr-ops/read/alerts');
  assert.equal(response.headers.get('access-control-allow-origin'), null);
});

test('an answer that does not begin in time is a 504 that says so, one that cannot be reached a 502', async () => {
  const slow = await ask('viewer', 'dfr-ops/read/slow');
  assert.equal(slow.status, 504);
  assert.match(((await slow.json()) as { message: string }).message, /did not begin to answer/);
  assert.equal((await ask('admin', 'dfr-ops/catch/all')).status, 502);
});
