import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hideSecrets } from './hideSecrets.ts';

const hidden: Array<[string, string]> = [
  ['GET /web with Authorization: Basic ZGZyOnBhc3M=', 'GET /web with Authorization: Basic ***'],
  ['"authorization":"Bearer abc.def","host":"x"', '"authorization":"Bearer ***","host":"x"'],
  ['Proxy-Authorization: Digest username="x", response="6629f"', 'Proxy-Authorization: ***'],
  ['authorization=abcdef; next', 'authorization=***; next'],
  ['called with bearer glsa_0123456789abcdef', 'called with bearer ***'],
  ['Cookie: session_id=1f2e; tz=UTC', 'Cookie: ***'],
  ['"set-cookie":"session_id=1f2e; Path=/","status":200', '"set-cookie":"***","status":200'],
  ["{'login': 'ada', 'password': 'correct horse'}", "{'login': 'ada', 'password': '***'}"],
  ['{"db_password":"a\\"b","port":5432}', '{"db_password":"***","port":5432}'],
  [
    String.raw`body={\"password\":\"horse\",\"login\":\"ada\"}`,
    String.raw`body={\"password\":\"***\",\"login\":\"ada\"}`,
  ],
  ['GET /web/reset_password?db=dfr&token=Zx81&x=1 HTTP/1.1', 'GET /web/reset_password?db=dfr&token=***&x=1 HTTP/1.1'],
  ['api-key: 0123, api_key=4567', 'api-key: ***, api_key=***'],
  ["statement: ALTER ROLE odoo PASSWORD 'it''s'", "statement: ALTER ROLE odoo PASSWORD '***'"],
  ['connecting to postgres://odoo:horse@db:5432/odoo', 'connecting to postgres://odoo:***@db:5432/odoo'],
  ['identity eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1c2VyOjEifQ.c2ln refused', 'identity *** refused'],
];

test('hides passwords, tokens, Authorization headers and cookies, and leaves the rest of the line', () => {
  for (const [line, expected] of hidden) {
    assert.equal(hideSecrets(line), expected);
    assert.equal(hideSecrets(expected), expected, 'hiding twice changes nothing');
  }
});

test('leaves alone what only speaks of secrets, and what the alerts look for', () => {
  const plain = [
    '2026-11-24 03:00:00.1 UTC [12] odoo@dfr FATAL:  password authentication failed for user "odoo"',
    '2026-11-24 03:00:00,1 12 INFO dfr odoo.addons.base.models.res_users: Login failed for db:dfr login:ada from 10.0.0.7',
    'bearer token expired',
    'reading /run/secrets/service_token',
    '2026/11/24 03:00:00 [error] 12#12: *1 upstream timed out (110: Connection timed out) while reading, request: "GET /web HTTP/1.1"',
    '10.0.0.7 - - [24/Nov/2026:03:22:01 +0000] "GET /web/login HTTP/1.1" 200 512 "-" "curl" rt=0.012 us=200 by=odoo',
  ];
  assert.deepEqual(plain.map(hideSecrets), plain);
});

test('a long line takes no time', () => {
  const started = performance.now();
  for (const part of ['a.', 'token ', 'cookie:', 'eyJaaaaaaaa.', '"password":"\\', 'authorization ']) {
    hideSecrets(part.repeat(200_000 / part.length));
  }
  assert.ok(performance.now() - started < 2000, `${performance.now() - started} ms`);
});
