import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { scratchFolder } from '../test/startServer.ts';
import { startMain, type RunningMain } from '../test/startMain.ts';
import { HOLDING_RULE, startAlertmanager, startExporter, startPrometheus } from '../test/startMonitoring.ts';
import { atMost, type Figure } from './figure.ts';
import { measureAlerts, measureCatalogue, postAlerts } from './measureAlerts.ts';
import { measureAccepting, measureOverhead } from './measureRuns.ts';

/** What the target takes for each call; taken out of what is measured. */
const targetMs = 20;
const idleForMs = 15_000;

const { values: options, positionals } = parseArgs({
  options: { profile: { type: 'string' } },
  allowPositionals: true,
});
const [only] = positionals;

const policy = `
version: 1
freeze: null
grants: [{ roles: [Admin], actions: ['*'], targets: ['*'], may: [preview, run] }]
actions: { nginx.reload: { approval: none, cooldownSeconds: 0 }, nginx.test: { cooldownSeconds: 0 } }
`;

/**
 * Measures the service as a process of its own: its PostgreSQL with fsync on, a real Prometheus and Alertmanager, targets on sockets.
 * Prints one JSON object per figure; `runs` or `alerts` as an argument: those only. --profile <folder> keeps a profile of its processor time.
 */
async function main(): Promise<void> {
  const folder = await scratchFolder('bench');
  const exporter = await startExporter(1);
  const alertmanager = await startAlertmanager(null);
  const prometheus = await startPrometheus({
    exporterPort: exporter.port,
    alertmanagerUrl: alertmanager.url,
    rules: HOLDING_RULE,
  });
  let service: RunningMain | undefined;
  try {
    const policyFile = join(folder.path, 'policy.yaml');
    await writeFile(policyFile, policy);
    const { profile } = options;
    service = await startMain({
      durable: true,
      arguments: profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [],
      environment: {
        DFR_OPS_POLICY_FILE: policyFile,
        PROMETHEUS_URL: prometheus.url,
        ALERTMANAGER_URLS: alertmanager.url,
        DFR_OPS_RECONCILE_SECONDS: '5',
      },
    });
    await sleep(idleForMs);
    tell([atMost(`service: memory after ${idleForMs / 1000} s idle`, await residentMegabytes(service), 'MB', 150)]);
    if (!only || only === 'runs') {
      tell(await measureOverhead(service, targetMs));
      tell(await measureAccepting(service));
    }
    if (!only || only === 'alerts') {
      await postAlerts(alertmanager.url);
      tell(await measureAlerts(service, alertmanager.url));
      tell(await measureCatalogue(service));
    }
    if (profile) {
      service.child.kill('SIGTERM');
      await service.ended;
    }
  } finally {
    await Promise.allSettled([service?.stop(), prometheus.stop(), alertmanager.stop(), exporter.stop()]);
    await folder.remove();
  }
}

function tell(figures: Figure[]): void {
  figures.forEach((figure) => console.log(JSON.stringify(figure)));
}

async function residentMegabytes({ child }: RunningMain): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

await main();
