import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { type Upstream, startUpstream } from './upstream.ts';

export const contractSecret = 'never-in-the-browser';
export const contractLogins = ['admin', 'editor', 'viewer'] as const;
export type ContractLogin = (typeof contractLogins)[number];

/** Datasources that whoever is under test has to serve. */
export function contractDatasources(upstreamUrl: string) {
  const service = (uid: string, jsonData: Record<string, string>, secureJsonData: Record<string, string>) => ({
    uid,
    name: uid,
    type: 'dfr-ops-datasource',
    access: 'proxy',
    jsonData,
    secureJsonData,
  });
  return [
    service('dfr-ops', { serviceUrl: upstreamUrl }, { serviceSecret: contractSecret }),
    service('without-address', {}, { serviceSecret: contractSecret }),
    service('without-secret', { serviceUrl: upstreamUrl }, {}),
    {
      uid: 'prom',
      name: 'prom',
      type: 'prometheus',
      access: 'proxy',
      url: upstreamUrl,
      basicAuth: true,
      basicAuthUser: 'ops',
      secureJsonData: { basicAuthPassword: 'geheim' },
    },
  ];
}

export interface ProxyUnderTest {
  /** Root address, without a slash at its end. */
  url: string;
  /** Issuer of its identity tokens. */
  issuer: string;
  /** After how long it gives up on a silent upstream, in ms. */
  timeoutMs: number;
  /** Cookie of this person's session. */
  cookieOf: (login: ContractLogin) => string;
  close: () => Promise<void>;
}

let release: () => void = () => undefined;

function answer(request: http.IncomingMessage, response: http.ServerResponse): void {
  const { pathname } = new URL(request.url ?? '', 'http://upstream');
  if (pathname.endsWith('/stream')) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('id: 1\ndata: first\n\n');
    release = () => response.end('id: 2\ndata: second\n\n');
  } else if (pathname.endsWith('/unauthorized')) {
    response.writeHead(401, { 'www-authenticate': 'Bearer' }).end('who are you');
  } else if (!pathname.endsWith('/slow')) {
    const headers = {
      'content-type': 'application/json',
      'set-cookie': 'upstream=1',
      'access-control-allow-origin': '*',
    };
    response.writeHead(200, headers).end('{"alerts":[]}');
  }
}

/**
 * What the bundle relies on in a datasource proxy. The same assertions hold for the stand-in host and for Grafana;
 * `open` starts either with `contractDatasources(upstreamUrl)`.
 */
export function proxyContract(name: string, open: (upstreamUrl: string) => Promise<ProxyUnderTest>): void {
  let upstream: Upstream;
  let proxy: ProxyUnderTest;
  before(async () => {
    upstream = await startUpstream(answer);
    proxy = await open(upstream.url);
  });
  after(async () => {
    await proxy?.close();
    await upstream.close();
  });

  const ask = (login: ContractLogin, path: string, init: RequestInit = {}) =>
    fetch(`${proxy.url}/api/datasources/proxy/uid/${path}`, {
      ...init,
      headers: { cookie: proxy.cookieOf(login), ...init.headers },
    });
  const lastSeen = () => upstream.seen.at(-1);
  const notSeen = async (work: () => Promise<void>) => {
    const before = upstream.seen.length;
    await work();
    assert.deepEqual(upstream.seen.slice(before), []);
  };

  test(`${name}: adds the secret, keeps the rest of the request, and the answer does not tell it`, async () => {
    const response = await ask('editor', 'dfr-ops/act/runs?a=1&b=%2F', {
      method: 'POST',
      body: '{"token":"t"}',
      headers: { 'content-type': 'application/json' },
    });
    assert.equal(response.status, 200);
    assert.equal(lastSeen()?.method, 'POST');
    assert.equal(lastSeen()?.url, '/api/v1/runs?a=1&b=%2F');
    assert.equal(lastSeen()?.body, '{"token":"t"}');
    assert.equal(lastSeen()?.headers['x-dfr-ops-secret'], contractSecret);
    const told = (await response.text()) + JSON.stringify([...response.headers]);
    assert.ok(!told.includes(contractSecret));
  });

  test(`${name}: no settings that a browser can read hold the secret`, async () => {
    for (const login of contractLogins) {
      for (const path of [
        '/api/frontend/settings',
        '/api/datasources/uid/dfr-ops',
        '/api/plugins/dfr-ops-datasource/settings',
      ]) {
        const response = await fetch(proxy.url + path, { headers: { cookie: proxy.cookieOf(login) } });
        assert.ok(!(await response.text()).includes(contractSecret), `${login} ${path}`);
      }
    }
  });

  test(`${name}: the browser cannot send its own secret, identity, authorization, referer or session`, async () => {
    const forged = {
      'x-dfr-ops-secret': 'mine',
      'x-grafana-id': 'forged',
      authorization: 'Bearer x',
      referer: `${proxy.url}/a`,
    };
    // Authorization would decide who asks, so it is left out there: what counts is that it does not go on.
    const { authorization: _, ...withoutAuthorization } = forged;
    assert.equal((await ask('viewer', 'dfr-ops/read/alerts', { headers: withoutAuthorization })).status, 200);
    const headers = lastSeen()?.headers ?? {};
    assert.equal(headers['x-dfr-ops-secret'], contractSecret);
    assert.equal((headers['x-grafana-id'] as string).split('.').length, 3);
    for (const header of ['x-grafana-user', 'authorization', 'referer', 'origin']) {
      assert.equal(headers[header], undefined, header);
    }
    assert.ok(!String(headers.cookie ?? '').includes(proxy.cookieOf('viewer').split('=')[1] ?? '\0'));
  });

  test(`${name}: the identity token verifies against the published keys and says who asks`, async () => {
    const roles = { admin: 'Admin', editor: 'Editor', viewer: 'Viewer' };
    const keys = createRemoteJWKSet(new URL(`${proxy.url}/api/signing-keys/keys`));
    for (const login of contractLogins) {
      await ask(login, 'dfr-ops/read/me');
      const token = String(lastSeen()?.headers['x-grafana-id']);
      const { payload, protectedHeader } = await jwtVerify(token, keys, {
        issuer: proxy.issuer,
        audience: 'org:1',
        algorithms: ['ES256'],
      });
      assert.match(protectedHeader.kid ?? '', /^id-\d{4}-\d{2}-es256$/);
      assert.equal(Number(payload.exp) - Number(payload.iat), 600);
      const { type, username, role, namespace } = payload;
      assert.deepEqual(
        { type, username, role, namespace },
        { type: 'user', username: login, role: roles[login], namespace: 'default' }
      );
    }
  });

  test(`${name}: a token with another body does not verify against the published keys`, async () => {
    await ask('viewer', 'dfr-ops/read/me');
    const [head, body, signature] = String(lastSeen()?.headers['x-grafana-id']).split('.');
    const claims = Buffer.from(body ?? '', 'base64url').toString();
    const promoted = Buffer.from(claims.replace('Viewer', 'Admin')).toString('base64url');
    const keys = createRemoteJWKSet(new URL(`${proxy.url}/api/signing-keys/keys`));
    await assert.rejects(jwtVerify(`${head}.${promoted}.${signature}`, keys), /signature/);
  });

  test(`${name}: a role that is too weak, a wrong method and a path of no route never reach the service`, () =>
    notSeen(async () => {
      const refused: Array<[ContractLogin, string, string]> = [
        ['viewer', 'POST', 'dfr-ops/act/runs'],
        ['viewer', 'GET', 'dfr-ops/else'],
        ['editor', 'DELETE', 'dfr-ops/act/runs'],
        ['editor', 'GET', 'dfr-ops/act/runs'],
        ['editor', 'PUT', 'dfr-ops/read/alerts'],
        ['admin', 'GET', 'dfr-ops/else'],
        ['admin', 'GET', 'dfr-ops/'],
        ['admin', 'DELETE', 'dfr-ops/read/alerts'],
        ['admin', 'GET', 'nowhere/read'],
        ['admin', 'POST', 'prom/-/reload'],
      ];
      for (const [login, method, path] of refused) {
        const { status } = await ask(login, path, { method });
        assert.ok([403, 404, 500, 502].includes(status), `${login} ${method} ${path}: ${status}`);
      }
      assert.equal((await ask('viewer', 'dfr-ops/act/runs', { method: 'POST' })).status, 403);
    }));

  test(`${name}: a viewer who climbs from read into act over a raw socket does not get there`, () =>
    notSeen(async () => {
      for (const path of ['read/../act/runs', 'read/%2e%2e/act/runs', '/act/runs', 'read%2f..%2fact/runs']) {
        const status = await rawStatus(proxy.url, 'POST', `dfr-ops/${path}`, proxy.cookieOf('viewer'));
        assert.ok(status >= 300 && status < 510, `${path}: ${status}`);
      }
    }));

  test(`${name}: a datasource without an address reaches nobody; one without a secret never gets the browser's`, async () => {
    await notSeen(async () => {
      const { status } = await ask('viewer', 'without-address/read/alerts');
      assert.ok(status >= 400, String(status));
    });
    const before = upstream.seen.length;
    await ask('viewer', 'without-secret/read/alerts', { headers: { 'x-dfr-ops-secret': contractSecret } });
    for (const { headers } of upstream.seen.slice(before)) {
      assert.notEqual(headers['x-dfr-ops-secret'], contractSecret);
    }
  });

  test(`${name}: without a session nothing is proxied`, () =>
    notSeen(async () => {
      const response = await fetch(`${proxy.url}/api/datasources/proxy/uid/dfr-ops/read/alerts`);
      assert.equal(response.status, 401);
    }));

  test(`${name}: an upstream's 401 comes back as 400, and its answers are no page of ours`, async () => {
    assert.equal((await ask('viewer', 'dfr-ops/read/unauthorized')).status, 400);
    const response = await ask('viewer', 'dfr-ops/read/alerts');
    assert.equal(response.headers.get('set-cookie'), null);
    assert.match(response.headers.get('content-security-policy') ?? '', /sandbox/);
  });

  test(`${name}: events come as they are sent, before the stream ends`, { timeout: 10_000 }, async () => {
    const response = await ask('viewer', 'dfr-ops/read/stream', { headers: { accept: 'text/event-stream' } });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    assert.equal(new TextDecoder().decode((await reader.read()).value), 'id: 1\ndata: first\n\n');
    release();
    assert.equal(new TextDecoder().decode((await reader.read()).value), 'id: 2\ndata: second\n\n');
  });

  test(`${name}: an answer that does not begin in time is given up on`, async () => {
    const started = Date.now();
    const { status } = await ask('viewer', 'dfr-ops/read/slow');
    assert.ok(status === 502 || status === 504, String(status));
    assert.ok(Date.now() - started >= proxy.timeoutMs * 0.9);
  });

  test(`${name}: Prometheus is asked with the datasource's password`, async () => {
    assert.equal((await ask('viewer', 'prom/api/v1/query?query=up')).status, 200);
    assert.equal(lastSeen()?.headers.authorization, `Basic ${Buffer.from('ops:geheim').toString('base64')}`);
  });
}

/** fetch tidies paths before it sends them: this does not. */
function rawStatus(url: string, method: string, path: string, cookie: string): Promise<number> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        hostname,
        port,
        method,
        path: `/api/datasources/proxy/uid/${path}`,
        headers: { cookie, host: `${hostname}:${port}` },
      },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      }
    );
    request.on('error', reject);
    request.end();
  });
}
