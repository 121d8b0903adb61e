import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { findsByName, listeningPorts } from './test/listeners.ts';
import { preparedCompose } from './test/preparedCompose.ts';

const demo = await preparedCompose('demo');
after(() => demo.remove());

const config = (path: string) => readFileSync(join(demo.folder, 'config', path), 'utf8');
const yaml = <T>(path: string) => parse(config(path), { merge: true }) as T;

/** Why `from` cannot reach host:port; null when a service of that name on a shared network listens there. */
function obstacle(from: string, address: string): string | null {
  const { hostname, port } = new URL(address.includes('://') ? address : `tcp://${address}`);
  if (!findsByName(demo, from, hostname)) {
    return `${from} → ${address}: no service of that name on a network of ${from}`;
  }
  const open = listeningPorts(demo, hostname);
  return open.includes(Number(port)) ? null : `${from} → ${address}: ${hostname} listens on ${open.join(', ')}`;
}

const obstacles = (from: string, addresses: string[]) => {
  assert.ok(addresses.length > 0, `${from} asks nobody`);
  return addresses.map((address) => obstacle(from, address)).filter((one) => one !== null);
};

interface ScrapeConfig {
  job_name: string;
  static_configs: Array<{ targets: string[] }>;
  relabel_configs?: Array<{ target_label?: string; replacement?: string }>;
}

test('Prometheus reaches every target where it listens, through the blackbox exporter where it probes', () => {
  const { scrape_configs } = yaml<{ scrape_configs: ScrapeConfig[] }>('prometheus/prometheus.yml');
  assert.ok(scrape_configs.length >= 10);
  for (const { job_name, static_configs, relabel_configs = [] } of scrape_configs) {
    const targets = static_configs.flatMap((one) => one.targets);
    const prober = relabel_configs.find((one) => one.target_label === '__address__')?.replacement;
    // Some jobs have targets only where there is something to look at, such as a certificate.
    const asker = prober ? new URL(`tcp://${prober}`).hostname : 'prometheus';
    const found = targets.map((target) => obstacle(asker, target)).filter((one) => one !== null);
    assert.deepEqual([...found, ...(prober ? obstacles('prometheus', [prober]) : [])], [], job_name);
  }
});

test('DFR’s jobs are asked at the ports that DFR gives them', () => {
  const { scrape_configs } = yaml<{ scrape_configs: ScrapeConfig[] }>('prometheus/prometheus.yml');
  const ports = { dfr_postgres_db: '9187', dfr_nginx_proxy: '9113', dfr_host_nodes: '9100' };
  for (const [job, port] of Object.entries(ports)) {
    const targets = scrape_configs.find((one) => one.job_name === job)?.static_configs.flatMap((one) => one.targets);
    assert.ok(
      targets?.every((target) => target.endsWith(`:${port}`)),
      job
    );
  }
});

test('alerts go from Prometheus and Loki to Alertmanager, and on to the service and the mail server', () => {
  const prometheus = yaml<{ alerting: { alertmanagers: Array<{ static_configs: Array<{ targets: string[] }> }> } }>(
    'prometheus/prometheus.yml'
  );
  const targets = prometheus.alerting.alertmanagers.flatMap((one) => one.static_configs.flatMap((of) => of.targets));
  assert.deepEqual(obstacles('prometheus', targets), []);
  const ruler = readFileSync(join(demo.folder, 'secrets/loki_ruler.yaml'), 'utf8');
  assert.deepEqual(obstacles('loki', urlsIn(ruler)), []);
  const alertmanager = config('alertmanager/alertmanager.yml');
  const { global } = parse(alertmanager) as { global: { smtp_smarthost: string } };
  assert.deepEqual(obstacles('alertmanager', [...webhooks(alertmanager), global.smtp_smarthost]), []);
});

const urlsIn = (text: string) => [...text.matchAll(/https?:\/\/[\w.-]+:\d+/g)].map(([url]) => url);
const webhooks = (text: string) => [...text.matchAll(/url: '(http:\/\/[^']+)'/g)].map(([, url]) => url ?? '');

test('Prometheus, Loki’s ruler and the service name the same two Alertmanagers, which hear of each other', () => {
  const two = ['http://alertmanager:9093', 'http://alertmanager-2:9093'];
  const prometheus = yaml<{ alerting: { alertmanagers: Array<{ static_configs: Array<{ targets: string[] }> }> } }>(
    'prometheus/prometheus.yml'
  );
  const targets = prometheus.alerting.alertmanagers.flatMap((one) => one.static_configs.flatMap((of) => of.targets));
  assert.deepEqual(
    targets.map((target) => `http://${target}`),
    two
  );
  const ruler = readFileSync(join(demo.folder, 'secrets/loki_ruler.yaml'), 'utf8');
  assert.deepEqual(parse(ruler).overrides.fake.ruler_alertmanager_config.alertmanager_url.split(','), two);
  const { services } = demo.compose;
  assert.deepEqual(services['action-service']?.environment?.['ALERTMANAGER_URLS']?.split(','), two);
  const flag = (service: string, name: string) =>
    services[service]?.command?.find((part) => part.startsWith(`--cluster.${name}=`))?.split('=')[1];
  assert.equal(flag('alertmanager', 'peer'), flag('alertmanager-2', 'listen-address'));
  assert.equal(flag('alertmanager-2', 'peer'), flag('alertmanager', 'listen-address'));
  for (const name of ['alertmanager', 'alertmanager-2']) {
    const { networks = {} } = services[name] ?? {};
    assert.ok(!Array.isArray(networks));
    assert.equal(`${networks['gossip']?.ipv4_address}:9094`, flag(name, 'listen-address'), name);
  }
  const onGossip = Object.entries(services).filter(([, { networks = [] }]) =>
    (Array.isArray(networks) ? networks : Object.keys(networks)).includes('gossip')
  );
  assert.deepEqual(
    onGossip.map(([name]) => name),
    ['alertmanager', 'alertmanager-2']
  );
});

test('Grafana and the console reach their datasources', () => {
  const urls = urlsIn(config('datasources/dfr.yaml'));
  assert.equal(urls.length, 4);
  assert.deepEqual(obstacles('grafana', urls), []);
  assert.deepEqual(
    obstacles('console', urlsIn(readFileSync(join(demo.folder, 'secrets/console_datasources'), 'utf8'))),
    []
  );
});

test('Alloy reaches Docker’s proxy and Loki', () => {
  const text = config('alloy/config.alloy');
  const addresses = [...text.matchAll(/"((?:tcp|http):\/\/[^"]+)"/g)].map(([, address]) => address ?? '');
  assert.ok(addresses.length >= 2);
  assert.deepEqual(obstacles('alloy', addresses), []);
});

test('the exporters reach what they look at', () => {
  const { command = [], environment = {} } = demo.compose.services['nginx-exporter'] ?? {};
  assert.deepEqual(environment, {});
  assert.deepEqual(obstacles('nginx-exporter', urlsIn(command.join(' '))), []);
  const postgres = demo.compose.services['postgres-exporter']?.environment?.['DATA_SOURCE_URI'] ?? '';
  assert.deepEqual(obstacles('postgres-exporter', [postgres.split('/')[0] ?? '']), []);
  assert.deepEqual(obstacles('sql-exporter', [demo.values.sqlExporter.connection]), []);
});

test('Nginx reaches Odoo, at the address that its host file holds', () => {
  const include = readFileSync(join(demo.folder, 'data/nginx/odoo-upstream.conf'), 'utf8');
  const servers = `${config('nginx/nginx.conf')}\n${include}`.matchAll(/^\s*server ([\w.-]+:\d+);/gm);
  const addresses = [...servers].map(([, address]) => address ?? '');
  assert.equal(addresses.length, 2);
  assert.deepEqual(obstacles('nginx', addresses), []);
  const { networks = {} } = demo.compose.services['odoo'] ?? {};
  const { extra_hosts } = demo.compose.services['nginx'] ?? {};
  assert.ok(!Array.isArray(networks));
  assert.deepEqual(extra_hosts, [`odoo:${networks['dfr']?.ipv4_address}`]);
});

test('the service, the sinks and Odoo reach each other as their environments say', () => {
  for (const name of ['action-service', 'sms-sink']) {
    const { environment = {}, command = [] } = demo.compose.services[name] ?? {};
    const values = [
      ...Object.values(environment).flatMap((value) => value.split(',')),
      ...command.map((part) => /^tcp=127[^,]*,(.*)$/.exec(part)?.[1] ?? ''),
    ];
    const addresses = values
      .filter((value) => /^(\w+:\/\/)?([\w-]+@)?[a-z][\w-]*:\d{2,}/.test(value))
      .map((value) => (value.includes('://') ? value : `tcp://${value}`));
    assert.deepEqual(obstacles(name, addresses), []);
  }
  assert.deepEqual(obstacles('odoo', ['postgres:5432', 'mail-sink:1025']), []);
});

test('a published port leads to where the container listens', () => {
  for (const [name, { ports = [] }] of Object.entries(demo.compose.services)) {
    const open = listeningPorts(demo, name);
    for (const port of ports) {
      assert.ok(open.includes(Number(port.split(':')[2])), `${name} publishes ${port} and listens on ${open}`);
    }
  }
});

test('what is wrong is found: a wrong port, a name that nobody has, a network that is not shared', () => {
  assert.match(obstacle('prometheus', 'alertmanager:9094') ?? '', /listens on 9093/);
  assert.match(obstacle('prometheus', 'nobody:9090') ?? '', /no service of that name/);
  assert.match(obstacle('grafana', 'store:5432') ?? '', /on a network of grafana/);
});
