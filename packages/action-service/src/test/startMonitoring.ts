import { createServer } from 'node:http';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../../stand-ins/src/test/freePort.ts';
import { scratchFolder, startServer, type RunningServer } from './startServer.ts';

/** A metric of the test's own, scraped by a real Prometheus. */
export type Exporter = { port: number; set: (value: number | null) => void; stop: () => Promise<void> };

/** Serves one gauge, `dfr_test_signal`; null: the exporter answers 503, so that the samples vanish. */
export async function startExporter(first: number): Promise<Exporter> {
  let value: number | null = first;
  const server = createServer((_request, response) => {
    response.writeHead(value === null ? 503 : 200, { 'content-type': 'text/plain; version=0.0.4' });
    response.end(value === null ? '' : `# TYPE dfr_test_signal gauge\ndfr_test_signal ${value}\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    set: (next) => void (value = next),
    stop: () => new Promise((resolve) => (server.closeAllConnections(), server.close(() => resolve()))),
  };
}

/**
 * `cluster`: `host:port` where it listens for its peer, and the peer's (null: it knows of none); without, it is alone.
 * `smarthost`: `host:port` of a mail server to which it sends as well.
 */
export async function startAlertmanager(
  webhookUrl: string | null,
  cluster?: { listen: string; peer: string | null },
  smarthost?: string
): Promise<RunningServer> {
  const folder = await scratchFolder('alertmanager');
  const url = `http://127.0.0.1:${await freePort()}`;
  const hook = webhookUrl
    ? `, webhook_configs: [{ url: '${webhookUrl}', send_resolved: true, http_config: { authorization: { credentials: webhook-token } } }]`
    : '';
  const mail = smarthost
    ? `, email_configs: [{ to: duty@dfr.example, from: dfr-ops@dfr.example, smarthost: '${smarthost}', require_tls: false }]`
    : '';
  const receiver = `[{ name: hook${hook}${mail} }]`;
  const config = `route: { receiver: hook, group_by: [alertname], group_wait: 1s, group_interval: 1s, repeat_interval: 4h }\nreceivers: ${receiver}\n`;
  await writeFile(join(folder.path, 'alertmanager.yaml'), config);
  const server = await startServer(
    [
      'prometheus-alertmanager',
      `--config.file=${join(folder.path, 'alertmanager.yaml')}`,
      `--storage.path=${folder.path}`,
      `--web.listen-address=${url.slice(7)}`,
      `--cluster.listen-address=${cluster?.listen ?? ''}`,
      ...(cluster
        ? [
            ...(cluster.peer ? [`--cluster.peer=${cluster.peer}`] : []),
            '--cluster.settle-timeout=3s',
            '--cluster.peer-timeout=5s',
          ]
        : []),
    ],
    url,
    '/-/ready'
  );
  return { ...server, stop: () => server.stop().then(folder.remove) };
}

/** Prometheus that scrapes and evaluates every second. `rules` is the text of a rule file. */
export async function startPrometheus(options: {
  exporterPort: number;
  alertmanagerUrl: string;
  rules: string;
}): Promise<RunningServer> {
  const folder = await scratchFolder('prometheus');
  const url = `http://127.0.0.1:${await freePort()}`;
  await writeFile(join(folder.path, 'rules.yaml'), options.rules);
  await writeFile(
    join(folder.path, 'prometheus.yaml'),
    `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [rules.yaml]
alerting: { alertmanagers: [{ static_configs: [{ targets: ['${options.alertmanagerUrl.slice(7)}'] }] }] }
scrape_configs: [{ job_name: test, static_configs: [{ targets: ['127.0.0.1:${options.exporterPort}'], labels: { country: SL, env: test } }] }]
`
  );
  const server = await startServer(
    [
      'prometheus',
      `--config.file=${join(folder.path, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(folder.path, 'data')}`,
      `--web.listen-address=${url.slice(7)}`,
    ],
    url,
    '/-/ready'
  );
  return { ...server, stop: () => server.stop().then(folder.remove) };
}

/** One rule as ours are: it holds on the last value, and says by which queries its signal and its freshness are asked. */
export const HOLDING_RULE = `groups:
  - name: test
    rules:
      - alert: TestSignalHigh
        expr: last_over_time(dfr_test_signal[15m]) > 5
        for: 2s
        labels: { severity: critical, service: odoo, component: test }
        annotations:
          summary: The signal is high
          actions: odoo.restart, odoo.reload
          signal_query: dfr_test_signal{instance="{{ $labels.instance }}"}
          signal_threshold: "5"
          signal_comparison: ">"
          signal_unit: percent
          fresh_query: max(timestamp(dfr_test_signal{instance="{{ $labels.instance }}"}))
      - alert: Watchdog
        expr: vector(1)
`;
