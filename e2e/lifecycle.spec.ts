import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from '@playwright/test';
import { apiAs } from './login';
import { Records, until } from './records';
import { currentStack, readStack } from './stack';

const root = resolve(__dirname, '..');
const start = join(root, 'packages', 'launcher', 'bin', 'start.mjs');
const common = ['--no-install', '--skip-build'];

function launch(data: string, ...more: string[]): ChildProcess & { said: () => string } {
  const child = spawn('node', [start, '--data', data, ...common, ...more], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (text) => (said += text));
  child.stderr.on('data', (text) => (said += text));
  return Object.assign(child, { said: () => said });
}

async function ready(data: string, child: { said: () => string }): Promise<void> {
  await until('the stack to be up', 120, async () => {
    if (!existsSync(join(data, 'stack.json'))) {
      return false;
    }
    return readStack(data).readyAt !== null && /Open +http/.test(child.said());
  });
}

/** Processes whose command or environment names this data folder. */
function processesOf(data: string): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'latin1') + readFileSync(`/proc/${pid}/environ`, 'latin1');
        return words.includes(data) && !/ Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/\(.*\)/, ''));
      } catch {
        return false;
      }
    });
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    await once(child, 'exit');
  }
  return child.exitCode;
}

test.describe('@long starting and stopping', () => {
  let data: string;
  test.beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), 'dfr-ops-life-'));
    chmodSync(data, 0o755);
  });
  test.afterEach(() => {
    for (const pid of processesOf(data)) {
      process.kill(Number(pid), 'SIGKILL');
    }
    rmSync(data, { recursive: true, force: true });
  });

  test('kill -9 of the launcher stops all it started and nothing else; a second start keeps the history', async () => {
    test.setTimeout(400_000);
    const first = launch(data, '--port-base', 'auto', '--no-drill');
    await ready(data, first);
    const drill = spawnSync(
      'node',
      [join(root, 'packages/launcher/bin/run.mjs'), 'drill', 'odoo-down', '--data', data],
      { encoding: 'utf8', timeout: 120_000 }
    );
    expect(drill.status, `${drill.stdout}${drill.stderr}`).toBe(0);
    expect(processesOf(data).length).toBeGreaterThan(15);
    process.kill(readStack(data).launcher.pid, 'SIGKILL');
    await until('every process to end', 30, async () => processesOf(data).length === 0);
    expect((await fetch(`${currentStack().addresses.host}/healthz`)).status).toBe(200);

    const again = new Date();
    const second = launch(data, '--port-base', 'auto', '--no-drill');
    await ready(data, second);
    const stack = readStack(data);
    const api = await apiAs(stack, 'viewer');
    const { incidents } = await (await api.get('read/incidents?state=all&limit=50')).json();
    expect(incidents.map((incident: { alertName: string }) => incident.alertName)).toContain('OdooDown');
    await api.dispose();
    const records = new Records(stack);
    const old = await records.prometheusValue(
      `count(last_over_time(up{job="dfr_odoo_probe"}[30m] @ ${Math.floor(again.getTime() / 1000) - 5}))`
    );
    expect(old).toBeGreaterThan(0);

    const rival = launch(data, '--port-base', 'auto', '--no-drill');
    expect(await ended(rival)).toBe(1);
    expect(rival.said()).toMatch(/already|another|runs on/i);
    expect((await fetch(`${stack.addresses.host}/healthz`)).status).toBe(200);

    second.kill('SIGTERM');
    expect(await ended(second)).toBe(0);
    expect(processesOf(data)).toEqual([]);
  });

  test('the first start runs one drill; --exit stops everything after it and ends with 0', async () => {
    test.setTimeout(300_000);
    const child = launch(data, '--port-base', 'auto', '--exit');
    expect(await ended(child), child.said()).toBe(0);
    expect(child.said()).toMatch(/postgres-connections/);
    expect(processesOf(data)).toEqual([]);
  });

  test('a taken port: part, cause and remedy in one message, and nothing is left running', async () => {
    test.setTimeout(120_000);
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as AddressInfo;
    const child = launch(data, '--port-base', String(port - 2), '--no-drill');
    expect(await ended(child)).toBe(1);
    expect(child.said()).toContain(String(port));
    expect(child.said()).toMatch(/taken|in use/i);
    expect(child.said()).toMatch(/--port-base/);
    expect(processesOf(data)).toEqual([]);
    squatter.close();
  });

  test("a server that dies while running is named; ours come back, DFR's wait for a person", async () => {
    test.setTimeout(200_000);
    const child = launch(data, '--port-base', 'auto', '--no-drill');
    await ready(data, child);
    const pidOf = (name: string) => readStack(data).parts.find((part) => part.name === name)?.process?.pid;
    const before = pidOf('blackbox-exporter');
    process.kill(before ?? 0, 'SIGKILL');
    await until('the exporter to come back', 30, async () => {
      const now = pidOf('blackbox-exporter');
      return now !== undefined && now !== before;
    });
    process.kill(pidOf('odoo') ?? 0, 'SIGKILL');
    await until('the launcher to say so', 15, async () => /odoo was ended by SIGKILL/.test(child.said()));
    await new Promise((tick) => setTimeout(tick, 3000));
    expect(pidOf('odoo')).toBeUndefined();
    child.kill('SIGINT');
    expect(await ended(child)).not.toBeNull();
    expect(processesOf(data)).toEqual([]);
  });
});
