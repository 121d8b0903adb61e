import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { provisioningFolder } from './render.ts';

const folder = await mkdtemp(join(tmpdir(), 'dfr-mtail-'));
after(() => rm(folder, { recursive: true, force: true }));
const missing = spawnSync('mtail', ['--version']).error ? 'not run: mtail is not installed' : false;

/** The counters after these lines, as `name{labels}` → value; labels sorted, without mtail's own. */
async function count(lines: string[]): Promise<Record<string, number>> {
  const log = join(folder, 'access.log');
  await writeFile(log, lines.map((line) => `${line}\n`).join(''));
  const { stdout, stderr, status } = spawnSync(
    'mtail',
    [
      '-one_shot',
      '-one_shot_format=prometheus',
      '-emit_prog_label=false',
      '-logtostderr',
      '-progs',
      join(provisioningFolder, 'mtail'),
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

test('a request that is none is counted apart', { skip: missing }, async () => {
  const counted = await count([line('GARBAGE', 400, 'rt=0.000 us=- by=nginx')]);
  assert.equal(counted['nginx_log_lines_unread_total'], 1);
});
