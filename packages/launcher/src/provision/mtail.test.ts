import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { renderProvisioning } from './render.ts';

const folder = await mkdtemp(join(tmpdir(), 'dfr-mtail-'));
after(() => rm(folder, { recursive: true, force: true }));
const rendered = join(folder, 'rendered');
await renderProvisioning({ profile: 'production', out: rendered });
const missing = spawnSync('mtail', ['--version']).error ? 'not run: mtail is not installed' : false;

/** The counters after these lines, as `name{labels}` → value; labels sorted, without mtail's own. */
async function count(lines: string[], file = 'access.log', programs = rendered): Promise<Record<string, number>> {
  const log = join(folder, file);
  await writeFile(log, lines.map((line) => `${line}\n`).join(''));
  const { stdout, stderr, status } = spawnSync(
    'mtail',
    [
      '-one_shot',
      '-one_shot_format=prometheus',
      '-emit_prog_label=false',
      '-logtostderr',
      '-progs',
      join(programs, 'mtail'),
      '-logs',
      log,
    ],
    { encoding: 'utf8' }
  );
  assert.equal(status, 0, stderr);
  const samples = stdout.matchAll(/^([a-z_]+(?:\{[^}]*\})?) ([\d.e+-]+)$/gm);
  return Object.fromEntries([...samples].map(([, name, value]) => [name, Number(value)]));
}

const line = (request: string, status: number, rest: string, agent = 'curl') =>
  `127.0.0.1 - - [24/Nov/2026:03:22:01 +0000] "${request}" ${status} 512 "-" "${agent}" ${rest}`;

test('the access log is counted by status, method and by who answered', { skip: missing }, async () => {
  const counted = await count([
    line('GET /web HTTP/1.1', 200, 'rt=0.020 us=200 by=odoo'),
    line('POST /web/login HTTP/1.1', 500, 'rt=1.500 us=500 by=odoo'),
    line('GET /web HTTP/1.1', 502, 'rt=0.000 us=502 by=nginx'),
    line('GET /web HTTP/1.1', 200, 'rt=0.300 us=502, 200 by=odoo'),
    line('GET /web HTTP/1.1', 503, 'rt=0.000 us=- by=maintenance'),
  ]);
  assert.equal(counted['odoo_http_requests_total{answered_by="odoo",method="GET",status="200"}'], 2);
  assert.equal(counted['odoo_http_requests_total{answered_by="odoo",method="POST",status="500"}'], 1);
  assert.equal(counted['odoo_http_requests_total{answered_by="nginx",method="GET",status="502"}'], 1);
  assert.equal(counted['odoo_http_requests_total{answered_by="maintenance",method="GET",status="503"}'], 1);
  assert.equal(counted['nginx_upstream_responses_total{status="200"}'], 2);
  assert.equal(counted['nginx_upstream_responses_total{status="502"}'], 1);
  assert.equal(counted['odoo_http_request_duration_seconds_count'], 3);
  assert.equal(counted['odoo_http_request_duration_seconds_sum'], 1.82);
});

test('what a client writes into its headers counts for nothing', { skip: missing }, async () => {
  const forged = String.raw`\x22x\x22 500 1 rt=9.000 us=500 by=nginx`;
  const counted = await count([
    line(String.raw`GET /web?a=\x22%20503 HTTP/1.1`, 200, 'rt=0.020 us=200 by=odoo', forged),
  ]);
  const requests = Object.keys(counted).filter((name) => /^(odoo_http_requests|nginx_upstream)/.test(name));
  assert.deepEqual(requests.sort(), [
    'nginx_upstream_responses_total{status="200"}',
    'odoo_http_requests_total{answered_by="odoo",method="GET",status="200"}',
  ]);
});

test('a websocket is no slow answer: its line tells how long it was open', { skip: missing }, async () => {
  const counted = await count([
    line('GET /websocket?version=18.0-7 HTTP/1.1', 101, 'rt=3600.000 us=101 by=odoo'),
    line('GET /web HTTP/1.1', 200, 'rt=0.020 us=200 by=odoo'),
  ]);
  assert.equal(counted['odoo_http_request_duration_seconds_count'], 1);
  assert.equal(counted['odoo_http_requests_total{answered_by="odoo",method="GET",status="101"}'], 1);
});

test('addresses that must answer fast are counted apart as well', { skip: missing }, async () => {
  const lines = [
    line('POST /jsonrpc HTTP/1.1', 200, 'rt=0.500 us=200 by=odoo'),
    line('GET /api/farmers?page=2 HTTP/1.1', 200, 'rt=0.250 us=200 by=odoo'),
    line('POST /jsonrpc HTTP/1.1', 502, 'rt=0.000 us=502 by=nginx'),
    line('GET /web?next=/api/farmers HTTP/1.1', 200, 'rt=2.000 us=200 by=odoo', 'POST /api/ HTTP/1.1'),
    line('GET /web/api/ HTTP/1.1', 200, 'rt=2.000 us=200 by=odoo'),
    line('GET /jsonXrpc HTTP/1.1', 200, 'rt=2.000 us=200 by=odoo'),
  ];
  const counted = await count(lines);
  assert.equal(counted['odoo_http_critical_duration_seconds_count'], 2);
  assert.equal(counted['odoo_http_critical_duration_seconds_sum'], 0.75);
  assert.equal(counted['odoo_http_request_duration_seconds_count'], 5);

  const none = join(folder, 'none');
  await renderProvisioning({ profile: 'production', overrides: { odoo: { criticalPaths: [] } }, out: none });
  assert.equal((await count(lines, 'access.log', none))['odoo_http_critical_duration_seconds_count'] ?? 0, 0);
  await renderProvisioning({
    profile: 'production',
    overrides: { odoo: { criticalPaths: ['/json.rpc', '/we(b'] } },
    out: none,
  });
  assert.equal((await count(lines, 'access.log', none))['odoo_http_critical_duration_seconds_count'] ?? 0, 0);
});

test('a request that is none is counted apart', { skip: missing }, async () => {
  const counted = await count([line('GARBAGE', 400, 'rt=0.000 us=- by=nginx')]);
  assert.equal(counted['nginx_log_lines_unread_total'], 1);
});

test('a request is counted whatever it is, and none is a number too', { skip: missing }, async () => {
  const lines = [
    line('GET /web HTTP/1.1', 200, 'rt=0.020 us=200 by=odoo'),
    line('GARBAGE', 400, 'rt=0.000 us=- by=nginx'),
  ];
  assert.equal((await count(lines))['nginx_log_requests_total'], 2);
  assert.equal((await count([]))['nginx_log_requests_total'], 0);
});

const odoo = (level: string, logger: string, message: string) =>
  `2026-11-24 03:22:01,123 4242 ${level} odoo ${logger}: ${message}`;
const users = 'odoo.addons.base.models.res_users';

test('Odoo: failed and ignored logins of 17 and 18 are counted, others are not', { skip: missing }, async () => {
  const counted = await count(
    [
      odoo('INFO', users, 'Login failed for db:odoo login:admin from 203.0.113.9'),
      odoo('INFO', users, 'Login failed for login:admin from 203.0.113.9'),
      odoo(
        'WARNING',
        users,
        'Login attempt ignored for 203.0.113.9 (user \'admin\') on odoo: 10 failures since last success, last failure at 2026-11-24 03:21:59. You can configure the number of login failures before a user is put on cooldown as well as the duration in the System Parameters. Disable this feature by setting "base.login_cooldown_after" to 0.'
      ),
      odoo('\u001b[1;32m\u001b[1;49mINFO\u001b[0m', users, 'Login failed for login:admin from 203.0.113.9'),
      odoo('INFO', users, 'Login successful for login:admin from 203.0.113.9'),
      odoo('INFO', users, `Login successful for login:Login failed for from 203.0.113.9`),
      odoo('INFO', 'odoo.addons.mail', `a note: ${users}: Login failed for login:admin`),
      `${users}: Login failed for login:admin from 203.0.113.9`,
      odoo('INFO', 'odoo.addons.mail', odoo('INFO', users, 'Login failed for login:admin from 203.0.113.9')),
    ],
    'odoo.log'
  );
  assert.equal(counted['odoo_log_logins_failed_total'], 4);
});

test('Odoo: a traceback is counted once, a start once', { skip: missing }, async () => {
  const counted = await count(
    [
      odoo('INFO', 'odoo', 'Odoo version 18.0-20261101'),
      '2026-11-24 03:22:01,123 4242 INFO ? odoo.service.server: HTTP service (werkzeug) running on 0f5c:8069',
      odoo('INFO', 'odoo.service.server', 'Evented Service (longpolling) running on 0.0.0.0:8072'),
      odoo('ERROR', 'odoo.http', 'Exception during request handling.'),
      'Traceback (most recent call last):',
      '  File "/usr/lib/python3/dist-packages/odoo/http.py", line 2170, in _serve_db',
      'psycopg2.OperationalError: FATAL:  sorry, too many clients already',
      odoo('WARNING', 'odoo.http', 'a person wrote: Traceback (most recent call last):'),
      odoo('WARNING', 'odoo.http', odoo('INFO', 'odoo.service.server', 'HTTP service (werkzeug) running on x')),
    ],
    'odoo-server.log'
  );
  assert.equal(counted['odoo_log_tracebacks_total'], 1);
  assert.equal(counted['odoo_log_starts_total'], 1);
});

const postgres = (who: string, text: string) => `2026-11-24 03:22:01.123 UTC [4242] ${who}${text}`;

test('PostgreSQL: a FATAL that nothing else tells is counted, an expected one apart', { skip: missing }, async () => {
  const counted = await count(
    [
      postgres('odoo@odoo ', 'FATAL:  password authentication failed for user "odoo"'),
      postgres('', 'PANIC:  could not locate a valid checkpoint record'),
      postgres('[unknown]@[unknown] ', 'FATAL:  unsupported frontend protocol 65363.19778: server supports 3.0 to 3.0'),
      postgres('odoo@odoo ', 'FATAL:  terminating connection due to administrator command'),
      postgres('odoo@odoo ', 'FATAL:  sorry, too many clients already'),
      postgres('odoo@odoo ', 'FATAL:  too many connections for role "odoo"'),
      postgres(
        'odoo@odoo ',
        'FATAL:  remaining connection slots are reserved for non-replication superuser connections'
      ),
      postgres('odoo@odoo ', 'FATAL:  the database system is starting up'),
      postgres('odoo@odoo ', 'ERROR:  column "x" does not exist at character 8'),
      postgres('odoo@odoo ', "STATEMENT:  SELECT x, ' FATAL:  not one'"),
      postgres('odoo@odoo ', "LOG:  duration: 2001.123 ms  statement: SELECT 'odoo@odoo FATAL:  not one'"),
      postgres('odoo@odoo ', `STATEMENT:  SELECT $$${postgres('', 'FATAL:  not one')}$$`),
    ],
    'postgresql-15-main.log'
  );
  assert.equal(counted['postgres_log_fatal_total'], 3);
  assert.equal(counted['postgres_log_fatal_expected_total'], 5);
});

test('PostgreSQL: starts are counted', { skip: missing }, async () => {
  const counted = await count(
    [
      postgres('', 'LOG:  starting PostgreSQL 15.18 (Debian 15.18-0+deb12u1) on x86_64-pc-linux-gnu'),
      postgres('', 'LOG:  database system is ready to accept connections'),
      postgres('', 'LOG:  database system is ready to accept read-only connections'),
      postgres('odoo@odoo ', 'LOG:  statement: SELECT $$LOG:  database system is ready to accept connections$$'),
      postgres('', `LOG:  statement: ${postgres('', 'LOG:  database system is ready to accept connections')}`),
    ],
    'postgres.log'
  );
  assert.equal(counted['postgres_log_starts_total'], 2);
});

const nginx = (level: string, text: string) => `2026/11/24 14:27:13 [${level}] 17947#17947: ${text}`;
const request = 'client: 127.0.0.1, server: , request: "GET /web HTTP/1.1", upstream: "http://127.0.0.1:8069/web"';

test('Nginx: time-outs of the upstream and starts are counted in its error log', { skip: missing }, async () => {
  const timeout = 'upstream timed out (110: Connection timed out)';
  const counted = await count(
    [
      nginx('notice', 'using the "epoll" event method'),
      nginx('notice', 'OS: Linux 6.1.0'),
      nginx('warn', `*7 client sent invalid header: "${nginx('notice', 'OS: Linux 6.1.0')}"`),
      nginx('notice', 'signal 1 (SIGHUP) received from 17607, reconfiguring'),
      nginx('notice', 'using the "epoll" event method'),
      nginx('error', `*1 ${timeout} while reading response header from upstream, ${request}`),
      nginx('error', `*3 ${timeout} while connecting to upstream, ${request}`),
      nginx(
        'error',
        `*5 connect() failed (111: Connection refused) while connecting to upstream, ${request}, referrer: "${nginx('error', `*1 ${timeout}`)}"`
      ),
      nginx('warn', `*7 an upstream response is buffered to a temporary file, referrer: "[error] 1#1: ${timeout}"`),
    ],
    'error.log'
  );
  assert.equal(counted['nginx_log_upstream_timeouts_total'], 2);
  assert.equal(counted['nginx_log_starts_total'], 1);
});

test('each program reads its own log only', { skip: missing }, async () => {
  const lines = [
    odoo('INFO', users, 'Login failed for login:admin from 203.0.113.9'),
    'Traceback (most recent call last):',
    postgres('', 'PANIC:  could not locate a valid checkpoint record'),
    nginx('error', `*1 upstream timed out (110: Connection timed out) while connecting to upstream, ${request}`),
    line('GET /web HTTP/1.1', 200, 'rt=0.020 us=200 by=odoo'),
  ];
  const counts: Array<[string, Record<string, number>]> = [
    ['access.log', { nginx_log_requests_total: 5, nginx_log_lines_unread_total: 4 }],
    ['error.log', { nginx_log_upstream_timeouts_total: 1 }],
    ['odoo.log', { odoo_log_logins_failed_total: 1, odoo_log_tracebacks_total: 1 }],
    ['postgres.log', { postgres_log_fatal_total: 1 }],
  ];
  for (const [file, expected] of counts) {
    const counted = Object.entries(await count(lines, file));
    const found = counted.filter(
      ([name, value]) => value > 0 && /^[a-z]+_log_\w+$/.test(name) && !name.startsWith('mtail')
    );
    assert.deepEqual(Object.fromEntries(found), expected, file);
  }
});
