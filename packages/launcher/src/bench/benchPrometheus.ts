import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { choosePorts } from '../native/ports.ts';
import { renderProvisioning } from '../provision/render.ts';
import type { Values } from '../provision/values.ts';

export interface BenchPrometheus {
  url: string;
  values: Values;
  watch: (countries: readonly string[]) => Promise<void>;
  stop: () => Promise<void>;
}

/**
 * A Prometheus that first only takes samples by remote write, and after `watch` scrapes `address` once per country at
 * production's interval and evaluates production's rules. It sends its alerts nowhere.
 */
export async function startBenchPrometheus(address: string): Promise<BenchPrometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'dfr-bench-'));
  const { values } = await renderProvisioning({ profile: 'production', out: folder });
  const config = join(folder, 'bench.yml');
  // A sample of now, such as a rule's, would make Prometheus refuse those of hours ago.
  await writeFile(config, stringify({ global: {} }));
  const listen = `127.0.0.1:${(await choosePorts('auto')).prometheus}`;
  const child = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${listen}`,
      '--web.enable-remote-write-receiver',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] }
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-4000)));
  let gone = false;
  const ended = new Promise<void>((done) => {
    child.once('error', (error) => (log += error.message));
    child.once('close', () => {
      gone = true;
      done();
    });
  });
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const url = `http://${listen}`;
  for (let tries = 0; (await fetch(`${url}/-/ready`).catch(() => null))?.ok !== true; tries++) {
    if (gone || tries > 300) {
      await stop();
      throw new Error(`Prometheus did not start:\n${log}`);
    }
    await sleep(100);
  }
  const watch = async (countries: readonly string[]) => {
    await writeFile(config, stringify(watching(folder, address, countries, values)));
    child.kill('SIGHUP');
    for (let tries = 0; (await targetsUp(url)) < countries.length; tries++) {
      if (tries > 600) {
        throw new Error(`Prometheus does not scrape all ${countries.length} countries:\n${log}`);
      }
      await sleep(100);
    }
  };
  return { url, values, watch, stop };
}

function watching(folder: string, address: string, countries: readonly string[], { prometheus }: Values) {
  return {
    global: { scrape_interval: prometheus.scrapeInterval, evaluation_interval: prometheus.evaluationInterval },
    rule_files: [join(folder, 'prometheus/rules/*.yaml')],
    scrape_configs: [
      {
        job_name: 'bench',
        honor_labels: true,
        static_configs: countries.map((country) => ({
          targets: [address],
          labels: { __metrics_path__: `/${country}`, bench: country },
        })),
      },
    ],
  };
}

async function targetsUp(url: string): Promise<number> {
  const { data } = (await (await fetch(`${url}/api/v1/targets?state=active`)).json()) as {
    data: { activeTargets: Array<{ health: string }> };
  };
  return data.activeTargets.filter(({ health }) => health === 'up').length;
}
