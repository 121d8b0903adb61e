import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { standIns } from '../greeting.ts';
import { renderProvisioning } from '../provision/render.ts';
import { findLoki } from './binaries.ts';
import { localUrl, type Context } from './context.ts';
import { makeDataFolders, type DataFolders } from './dataFolders.ts';
import { lokiOverrides, lokiPart } from './lokiPart.ts';
import { choosePorts } from './ports.ts';
import { keepSecrets } from './secrets.ts';
import { Supervisor } from './supervisor.ts';

const real = findLoki();
const path = process.env['PATH'];
let folders: DataFolders;
before(() => {
  folders = makeDataFolders(mkdtempSync(join(tmpdir(), 'dfr-ops-loki-')));
});
after(() => {
  process.env['PATH'] = path;
  rmSync(folders.root, { recursive: true, force: true });
});

async function contextHere(): Promise<Context> {
  const ports = await choosePorts('auto');
  const overrides = lokiOverrides(ports, folders);
  const { values } = await renderProvisioning({ profile: 'demo', overrides, out: folders.config });
  const supervisor = new Supervisor(
    () => {},
    () => {}
  );
  const secrets = keepSecrets(folders.secrets);
  return { folders, ports, secrets, supervisor, values, reaper: null } as unknown as Context;
}

/** A program that takes Loki's flag and answers that it is ready where the configuration has it listen. */
function fakeLoki(): string {
  const file = join(folders.run, 'loki');
  writeFileSync(
    file,
    `#!${process.execPath}
if (process.argv[2] === '--version') {
  console.log('loki, version 0.0.0 (branch: test, revision: test)');
} else {
  const config = require('node:fs').readFileSync(process.argv[2].replace('-config.file=', ''), 'utf8');
  const port = Number(/http_listen_port: (\\d+)/.exec(config)[1]);
  require('node:http').createServer((asked, answer) => answer.end(asked.url)).listen(port, '127.0.0.1');
}
`
  );
  chmodSync(file, 0o755);
  return file;
}

test('a Loki that is found is used, and said to be; Debian has another program of that name', () => {
  const file = fakeLoki();
  process.env['PATH'] = folders.run;
  assert.equal(findLoki(), file);
  assert.match(standIns({}), new RegExp(`^Real: .*, Loki ${file}\\.`, 'm'));
  writeFileSync(file, '#!/bin/sh\necho Loki, a program for genetic linkage\n');
  assert.equal(findLoki(), null);
  assert.match(standIns({}), /Loki: not installed; a log store/);
  process.env['PATH'] = path;
});

test('it starts at the address of the log store, with a file for its ruler that only we can read', async () => {
  const context = await contextHere();
  try {
    const part = lokiPart(context, fakeLoki());
    assert.equal(await part.start(), `127.0.0.1:${context.ports.logStore}`);
    const file = context.values.files.lokiRuler;
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const { ruler_alertmanager_config: ruler } = parse(readFileSync(file, 'utf8')).overrides.fake;
    assert.equal(ruler.alertmanager_url, localUrl(context.ports.alertmanager));
    assert.deepEqual(ruler.alertmanager_client, {
      basic_auth_username: 'dfr-ops',
      basic_auth_password: context.secrets.read('alertmanager'),
    });
  } finally {
    await context.supervisor.stopAll(5);
  }
});

const notRun = real ? false : 'not run: loki is not installed';

test('a real Loki takes its configuration and the rules, and listens on 127.0.0.1 only', { skip: notRun }, async () => {
  const context = await contextHere();
  try {
    await lokiPart(context, real ?? '').start();
    const answer = await fetch(`${localUrl(context.ports.logStore)}/prometheus/api/v1/rules`);
    const { data } = (await answer.json()) as { data: { groups: Array<{ rules: Array<{ name: string }> }> } };
    const names = data.groups.flatMap((group) => group.rules.map(({ name }) => name));
    assert.deepEqual(names.sort(), ['NginxUpstreamTimeouts', 'OdooLoginBruteForce', 'OdooTracebacks', 'PostgresFatal']);
    const hex = (port: number) => `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
    const expected = [hex(context.ports.logStore), hex(context.ports.lokiGrpc)];
    assert.deepEqual(listeners(context.supervisor.processes[0]?.identity?.pid ?? 0).sort(), expected.sort());
  } finally {
    await context.supervisor.stopAll(15);
  }
});

test(
  "a real Loki's ruler tells Alertmanager, with our password and the labels of Prometheus' alert",
  { skip: notRun },
  async () => {
    const context = await contextHere();
    const told: Array<{ path: string; auth: string; body: string }> = [];
    const alertmanager = createServer((asked, answer) => {
      const read: Buffer[] = [];
      asked.on('data', (part: Buffer) => read.push(part));
      asked.on('end', () => {
        told.push({
          path: asked.url ?? '',
          auth: asked.headers.authorization ?? '',
          body: Buffer.concat(read).toString(),
        });
        answer.end();
      });
    });
    await new Promise<void>((resolve) => alertmanager.listen(context.ports.alertmanager, '127.0.0.1', resolve));
    try {
      await lokiPart(context, real ?? '').start();
      const stream = { service: 'postgresql', component: 'server', country: 'SLE', env: 'demo', level: 'critical' };
      const line = '2026-11-24 03:22:01.123 UTC [4242] eve@odoo FATAL:  password authentication failed for user "eve"';
      const values = Array.from({ length: 10 }, (_, index) => [`${Date.now() - index}000000`, line]);
      const pushed = await fetch(`${localUrl(context.ports.logStore)}/loki/api/v1/push`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ streams: [{ stream, values }] }),
      });
      assert.equal(pushed.status, 204);
      for (let waited = 0; told.length === 0 && waited < 20_000; waited += 100) {
        await sleep(100);
      }
      const password = context.secrets.read('alertmanager');
      assert.equal(told[0]?.path, '/api/v2/alerts');
      assert.equal(told[0].auth, `Basic ${Buffer.from(`dfr-ops:${password}`).toString('base64')}`);
      const [{ labels }, ...others] = JSON.parse(told[0].body) as [{ labels: object }];
      assert.deepEqual(others, []);
      assert.deepEqual(labels, {
        alertname: 'PostgresFatal',
        severity: 'warning',
        service: 'postgresql',
        component: 'errors',
        country: 'SLE',
        env: 'demo',
      });
    } finally {
      await context.supervisor.stopAll(15);
      alertmanager.close();
    }
  }
);

/** Addresses on which a process listens, as the kernel writes them: `0100007F:1F90` is 127.0.0.1:8080. */
function listeners(pid: number): string[] {
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return ''; // Closed between the listing and the look.
    }
  });
  const rows = ['tcp', 'tcp6'].flatMap((family) =>
    readFileSync(`/proc/${pid}/net/${family}`, 'utf8').trim().split('\n').slice(1)
  );
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter((columns) => columns[3] === '0A' && links.includes(`socket:[${columns[9]}]`))
    .map((columns) => columns[1] ?? '');
}
