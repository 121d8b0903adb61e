import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './freePort.ts';
import { answers, until } from './standInProcess.ts';

export interface RealLoki {
  url: string;
  stop: () => Promise<void>;
}

/** Whether a real Loki can be asked: one that runs (LOKI_URL), or a program to start. Debian's `loki` is something else. */
export function isLokiHere(): boolean {
  const asked = spawnSync('loki', ['--version'], { encoding: 'utf8', timeout: 10_000 });
  return Boolean(process.env['LOKI_URL']) || /\bloki, version\b/.test(`${asked.stdout}${asked.stderr}`);
}

/** The Loki of LOKI_URL, else one of its own in a folder of its own, with the configuration that DFR Ops provisions. */
export async function startRealLoki(): Promise<RealLoki> {
  const running = process.env['LOKI_URL'];
  if (running) {
    return { url: running, stop: async () => {} };
  }
  const folder = mkdtempSync(join(tmpdir(), 'dfr-ops-loki-'));
  const port = await freePort();
  writeFileSync(join(folder, 'config.yaml'), configuration(folder, port, await freePort()));
  mkdirSync(join(folder, 'rules'));
  writeFileSync(join(folder, 'ruler.yaml'), 'overrides: {}\n');
  const child = spawn('loki', [`-config.file=${join(folder, 'config.yaml')}`], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (data: Buffer) => (said = (said + data.toString()).slice(-4000)));
  const ended = new Promise((resolve) => child.on('close', resolve));
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  await until('Loki is ready', answers(`${url}/ready`), 60).catch(async (error: unknown) => {
    await stop();
    throw new Error(`Loki did not become ready. It said:\n${said}`, { cause: error });
  });
  return { url, stop };
}

function configuration(folder: string, port: number, grpcPort: number): string {
  const values: Record<string, string | number> = {
    'loki.listen': '127.0.0.1',
    'loki.port': port,
    'loki.grpcPort': grpcPort,
    'loki.dataDirectory': join(folder, 'data'),
    'loki.rulesDirectory': join(folder, 'rules'),
    'loki.retention': '1d',
    'loki.maxQueryLength': '31d',
    'loki.maxEntries': 5000,
    'files.lokiRuler': join(folder, 'ruler.yaml'),
    'prometheus.evaluationInterval': '1s',
    'prometheus.resendDelay': '5s',
  };
  const template = join(import.meta.dirname, '../../../../provisioning/loki/config.yaml');
  return readFileSync(template, 'utf8').replace(/\$\{([^}]*)\}/g, (placeholder, name: string) => {
    if (values[name] === undefined) {
      throw new Error(`provisioning/loki/config.yaml asks for ${placeholder}, which this test does not set.`);
    }
    return String(values[name]);
  });
}
