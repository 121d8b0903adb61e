import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readStackFile, type StackFile } from '../stackFile.ts';
import type { Examined, Finding } from './check.ts';

const cli = join(import.meta.dirname, 'cli.ts');
const start = join(import.meta.dirname, '../../bin/start.mjs');
let data = '';
let launcher: ChildProcess;
let stack: StackFile;
let output = '';

before(
  async () => {
    data = await mkdtemp(join(tmpdir(), 'dfr-doctor-'));
    // PostgreSQL runs as another user, who has to pass through.
    await chmod(data, 0o755);
    const flags = ['--port-base', 'auto', '--data', data, '--no-drill', '--no-install', '--skip-build'];
    launcher = spawn(process.execPath, [start, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
    [launcher.stdout, launcher.stderr].forEach((stream) => stream?.on('data', (text) => (output += String(text))));
    for (;;) {
      assert.equal(launcher.exitCode, null, output);
      const up = await Promise.resolve()
        .then(() => readStackFile(data))
        .catch(() => null);
      if (up?.readyAt) {
        stack = up;
        return;
      }
      await sleep(200);
    }
  },
  { timeout: 120_000 }
);
after(async () => {
  if (launcher?.exitCode === null) {
    const ended = new Promise((resolve) => launcher.once('exit', resolve));
    launcher.kill('SIGTERM');
    await ended;
  }
  await rm(data, { recursive: true, force: true });
});

async function doctor(...flags: string[]) {
  const { code, stdout } = await new Promise<{ code: number; stdout: string }>((resolve) => {
    execFile(process.execPath, [cli, '--data', data, ...flags], { timeout: 50_000 }, (error, printed) =>
      resolve({ code: error ? Number(error.code) : 0, stdout: printed })
    );
  });
  return { code, stdout };
}

async function findings(...flags: string[]) {
  const { code, stdout } = await doctor('--json', ...flags);
  const { groups, counts } = JSON.parse(stdout) as { groups: Examined[]; counts: Record<string, number> };
  const all = groups.flatMap((group) => group.findings);
  const failing = all
    .filter(({ state }) => state === 'failed')
    .map(({ name, text, remedy }) => ({ name, text, remedy }));
  return { code, all, failing, counts };
}

/** Signals need some seconds from a start, or a mending, until everything has been seen. */
async function untilWell() {
  let last = await findings();
  for (let tries = 0; last.code !== 0 && tries < 20; tries++) {
    await sleep(1000);
    last = await findings();
  }
  return last;
}

const messages = async (sink: string) =>
  ((await (await fetch(`${sink}/messages`)).json()) as { messages: Array<{ to: string | string[]; subject?: string }> })
    .messages;
const stateOf = (all: Finding[], name: string) => all.find((one) => one.name === name)?.state;

// The start of the stack counts towards the first test's time.
test('a stack that is well: exit 0, and nothing was sent to anybody', { timeout: 150_000 }, async () => {
  const { code, failing, all } = await untilWell();
  assert.deepEqual(failing, []);
  assert.equal(code, 0);
  for (const name of ['Rules of Prometheus', 'Watchdog at the service', 'Agent beside Nginx', 'Clock of PostgreSQL']) {
    assert.equal(stateOf(all, name), 'ok', name);
  }
  assert.deepEqual([await messages(stack.addresses.mailSink), await messages(stack.addresses.smsSink)], [[], []]);
  const { stdout } = await doctor();
  assert.match(stdout, /\n {2}✓ Scrape job dfr_odoo_app: [^]*Open {3}http[^]*\n\d+ ok, \d+ warnings?, 0 failed\n$/);
  assert.ok(!stdout.includes('\u001b'));
});

test('a mail and an SMS really arrive, at those who were named and at nobody else', { timeout: 60_000 }, async () => {
  const { code, all } = await findings('--send-mail', 'dfr-admin@example.org', '--send-sms', '+23276000001');
  assert.equal(code, 0);
  assert.match(all.find(({ name }) => name === 'Mail by Alertmanager')!.text, /arrived in the mail sink/);
  assert.match(all.find(({ name }) => name === 'SMS by the action service')!.text, /was delivered/);
  const mails = await messages(stack.addresses.mailSink);
  assert.deepEqual(
    mails.flatMap(({ to }) => to),
    ['dfr-admin@example.org', 'dfr-admin@example.org']
  );
  assert.deepEqual(
    mails.map(({ subject }) => /test by (Alertmanager|the action service)/.test(subject ?? '')),
    [true, true]
  );
  assert.deepEqual(
    (await messages(stack.addresses.smsSink)).map(({ to }) => to),
    ['+23276000001']
  );
});

test('a rule file that was edited after the start is drift, with its rule', { timeout: 30_000 }, async () => {
  const file = join(data, 'config/prometheus/rules/nginx.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('expr: ', 'expr: 1 + '));
  const { code, failing } = await findings();
  await writeFile(file, text);
  assert.equal(code, 1);
  assert.deepEqual(
    failing.map(({ name }) => name),
    ['Rules of Prometheus']
  );
  assert.match(failing[0]!.text, /^1 differ .*nginx\/\S+ \(another expression\)/);
  assert.match(failing[0]!.remedy!, /npm run provision -- --check/);
});

test('a part that was killed is named with its remedy, and so is what it carried', { timeout: 30_000 }, async () => {
  process.kill(stack.parts.find(({ name }) => name === 'odoo')!.process!.pid, 'SIGKILL');
  await sleep(3000);
  const { code, failing } = await findings();
  assert.equal(code, 1);
  const odoo = failing.find(({ name }) => name === 'odoo');
  assert.match(`${odoo?.text} ${odoo?.remedy}`, /does not run.*alert offers the action that mends it.*odoo\.log/);
  assert.match(failing.find(({ name }) => name === 'What is watched')?.text ?? '', /dfr_odoo_prod \(probe health\)/);
  assert.ok(failing.some(({ name }) => name === 'Rights in Odoo'));
});

test('called wrongly: exit 2', async () => {
  assert.equal((await doctor('--send-sms', '076')).code, 2);
});
