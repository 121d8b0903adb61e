import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import type { LokiClient } from './lokiClient.ts';

interface Example {
  service: string;
  counted: string[];
  /** Lines that speak of the same and are not it. */
  lookAlikes: string[];
}

const odooTime = '2026-11-24 03:22:01,123 4242';
const postgresTime = '2026-11-24 03:22:01.123 UTC [4242]';
const users = 'odoo.addons.base.models.res_users:';
const examples: Record<string, Example> = {
  OdooLoginBruteForce: {
    service: 'odoo',
    counted: [
      `${odooTime} INFO dfr ${users} Login failed for login:ada from 203.0.113.9`,
      `${odooTime} WARNING dfr ${users} Login attempt ignored for login:ada from 203.0.113.9`,
      `${odooTime} \u001b[1;32mINFO\u001b[0m dfr ${users} Login failed for login:eve from 203.0.113.9`,
    ],
    lookAlikes: [
      `${odooTime} INFO dfr ${users} Login successful for login:ada from 203.0.113.9`,
      `${odooTime} INFO dfr odoo.http: "${odooTime} INFO dfr ${users} Login failed for "`,
      'Login failed for login:ada from 203.0.113.9',
    ],
  },
  OdooTracebacks: {
    service: 'odoo',
    counted: [
      `${odooTime} ERROR dfr odoo.http: boom\nTraceback (most recent call last):\n  File "x.py"\nValueError: no`,
      'Traceback (most recent call last):',
      `${odooTime} ERROR dfr odoo.sql_db: bad\nTraceback (most recent call last):\nA\nTraceback (most recent call last):\nB`,
    ],
    lookAlikes: [
      `${odooTime} INFO dfr odoo.http: Traceback (most recent call last):`,
      ' Traceback (most recent call last):',
      `${odooTime} INFO dfr odoo.http: GET /?q=Traceback (most recent call last):`,
      `${odooTime} ERROR dfr odoo.http: boom\nsaid: Traceback (most recent call last):\n`,
    ],
  },
  PostgresFatal: {
    service: 'postgresql',
    counted: [
      `${postgresTime} odoo@odoo FATAL:  password authentication failed for user "odoo"`,
      `${postgresTime} eve@odoo FATAL:  role "eve" does not exist`,
      `${postgresTime} PANIC:  could not write to file`,
    ],
    lookAlikes: [
      `${postgresTime} odoo@odoo FATAL:  terminating connection due to administrator command`,
      `${postgresTime} odoo@odoo FATAL:  sorry, too many clients already`,
      `${postgresTime} odoo@odoo FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute`,
      `${postgresTime} FATAL:  the database system is starting up`,
      `${postgresTime} odoo@odoo ERROR:  FATAL:  no`,
      `${postgresTime} odoo@odoo LOG:  statement: SELECT 'FATAL:  x'`,
    ],
  },
  NginxUpstreamTimeouts: {
    service: 'nginx',
    counted: [
      '2026/11/24 14:27:13 [error] 17947#17947: *1 upstream timed out (110: Connection timed out) while reading response header from upstream',
      '2026/11/24 14:27:13 [error] 17947#17947: *2 upstream timed out (110: Connection timed out) while connecting to upstream',
      '2026/11/24 14:27:13 [error] 17947#17947: upstream timed out (110: Connection timed out)',
    ],
    lookAlikes: [
      '2026/11/24 14:27:13 [error] 17947#17947: *1 connect() failed (111: Connection refused) while connecting to upstream',
      '203.0.113.9 - - [24/Nov/2026:03:22:01 +0000] "GET /upstream%20timed%20out%20( HTTP/1.1" 200 512',
      '2026/11/24 14:27:13 [error] 1#1: *1 open() "[error] 1#1: *1 upstream timed out (" failed',
    ],
  },
};

const threshold = 2;

/** The expressions of provisioning/loki/rules, with a threshold of two in a minute, by the names of their alerts. */
function expressions(): Map<string, string> {
  const folder = join(import.meta.dirname, '../../../../../provisioning/loki/rules');
  const rules = globSync('*/*.yaml', { cwd: folder }).flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8')
      .replaceAll(/\$\{alerts\.\w+\.threshold\}/g, String(threshold))
      .replaceAll(/\$\{alerts\.\w+\.window\}/g, '1m');
    const { groups } = parse(text) as { groups: Array<{ rules: Array<{ alert: string; expr: string }> }> };
    return groups.flatMap((group) => group.rules);
  });
  return new Map(rules.map(({ alert, expr }) => [alert, expr]));
}

/** Whether each rule of the ruler counts what it is for, and nothing that only looks like it. */
export function lokiRules(loki: LokiClient): void {
  describe("the ruler's rules", () => {
    const rules = expressions();
    test('every one has an example', () => {
      assert.deepEqual([...rules.keys()].sort(), Object.keys(examples).sort());
    });
    for (const [alert, { service, counted, lookAlikes }] of Object.entries(examples)) {
      test(`${alert} fires above its threshold only, and not for lines that look like its own`, async () => {
        const countIn = async (env: string, lines: readonly string[]) => {
          const country = `${loki.run}${alert}`;
          const values = lines.map((line, index) => [loki.at(index), line]);
          const pushed = await loki.push([{ stream: { service, component: 'server', country, env }, values }]);
          assert.equal(pushed.status, 204, pushed.text);
          const found = await loki.vector(rules.get(alert) ?? '', 20_000);
          return found[JSON.stringify({ country, env })] ?? null;
        };
        assert.equal(counted.length, threshold + 1);
        assert.ok(lookAlikes.length > threshold, 'enough to fire, were they counted');
        assert.equal(await countIn('below', counted.slice(1)), null);
        assert.equal(await countIn('look-alikes', lookAlikes), null);
        assert.equal(await countIn('above', [...counted, ...lookAlikes]), String(threshold + 1));
      });
    }
  });
}
