import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parse } from 'yaml';
import { renderProvisioning } from './render.ts';
import { startAlertmanager, until, withoutAlertmanager } from './test/startAlertmanager.ts';

type Labels = Record<string, string>;

const odooWork = [
  ...['OdooHighErrorRate', 'OdooSlowResponseTime', 'OdooTracebacks', 'OdooCronOverdue', 'OdooCronFailing'],
  ...['OdooMailQueueExcessiveLength', 'OdooMailFailed', 'OdooJobsFailed', 'OdooJobsStuck'],
];
const seenByNginx = ['NginxHigh5xxErrorRate', 'NginxUpstreamTimeouts'];
const postgresExporter = 'InstanceDown dfr_postgres_db';
const noConnections = 'PostgresTooManyConnections';

/** What each alert silences. Whatever is not named here silences nothing, and is silenced by nothing else. */
const decided: Record<string, string[]> = {
  PostgresDown: [
    noConnections,
    ...['PostgresIdleInTransaction', 'PostgresLongTransaction', 'PostgresBlockedQueries', 'PostgresDeadlocks'],
    ...['PostgresHighRollback', 'PostgresDeadTuples', 'PostgresCacheHitLow', 'PostgresCheckpointsForced'],
    ...['PostgresReplicationLagHigh', 'PostgresWraparound', 'PostgresFatal'],
    ...['OdooDbUnreachable', ...odooWork, ...seenByNginx, postgresExporter],
  ],
  [noConnections]: [postgresExporter],
  PostgresLongTransaction: ['PostgresDeadTuples'],
  PostgresIdleInTransaction: ['PostgresDeadTuples'],
  OdooDown: ['OdooDbUnreachable', 'OdooWorkerUnavailable', 'OdooWebsocketDown', ...odooWork, ...seenByNginx],
  OdooDbUnreachable: [...odooWork, ...seenByNginx],
  OdooHighErrorRate: ['OdooTracebacks', 'NginxHigh5xxErrorRate'],
  OdooCronOverdue: ['OdooMailQueueExcessiveLength'],
  OdooModulesPending: ['OdooCronOverdue', 'OdooMailQueueExcessiveLength'],
  OdooWorkerUnavailable: ['OdooSlowResponseTime'],
  DFRBackupJobFailed: ['DFRBackupTooOld'],
  NginxDown: [...seenByNginx, 'NginxDroppedConnections', 'NginxConnectionsHigh', 'NginxNoTraffic'],
  'InstanceDown dfr_host_nodes': [
    ...['InstanceDown dfr_odoo_app', postgresExporter, 'InstanceDown dfr_nginx_proxy', 'InstanceDown dfr_containers'],
    ...['LowDiskSpace', 'DiskFillingUp', 'LowMemoryAvailable', 'HighCpuUsage'],
  ],
  LowDiskSpace: ['DiskFillingUp'],
};

/** Alerts whose labels come from what they watch. */
const variants: Record<string, Labels[]> = {
  InstanceDown: [
    { job: 'dfr_host_nodes', service: 'host', instance: 'dfr_host' },
    { job: 'dfr_containers', service: 'host', instance: 'dfr_host' },
    { job: 'dfr_odoo_app', service: 'odoo', instance: 'dfr_odoo_prod' },
    { job: 'dfr_postgres_db', service: 'postgresql', instance: 'dfr_postgres_prod' },
    { job: 'dfr_nginx_proxy', service: 'nginx', instance: 'dfr_nginx_prod' },
    { job: 'alertmanager', service: 'dfr-ops', instance: 'alertmanager' },
  ],
  ContainerRestarting: [{ service: 'odoo', instance: 'dfr_odoo_prod' }],
};

/** Every alert of the rendered rules, by name (and job). */
async function everyAlert(): Promise<Map<string, Labels>> {
  const out = await mkdtemp(join(tmpdir(), 'dfr-inhibition-'));
  await renderProvisioning({ profile: 'production', out });
  const folder = join(out, 'prometheus/rules');
  const found = new Map<string, Labels>();
  for (const file of await readdir(folder)) {
    const { groups } = parse(await readFile(join(folder, file), 'utf8')) as {
      groups: Array<{ rules: Array<{ alert?: string; labels?: Labels }> }>;
    };
    for (const { alert, labels } of groups.flatMap(({ rules }) => rules)) {
      for (const variant of alert ? (variants[alert] ?? [{}]) : []) {
        const host: Labels = labels?.service === 'host' ? { instance: 'dfr_host', mountpoint: '/' } : {};
        found.set([alert, variant.job].filter(Boolean).join(' '), {
          ...labels,
          ...host,
          alertname: alert!,
          ...variant,
        });
      }
    }
  }
  await rm(out, { recursive: true, force: true });
  return found;
}

const alerts = await everyAlert();
let alertmanager: Awaited<ReturnType<typeof startAlertmanager>>;
const never = { groupWait: '1d', groupInterval: '1d', repeatInterval: '1d' };
before(async () => {
  if (!withoutAlertmanager) {
    alertmanager = await startAlertmanager({
      alertmanager: { urgent: never, normal: never, relaxed: never },
      // Values want it longer than the groups' interval.
      alerts: { NotificationsFailing: { window: '30d' } },
    });
  }
});
after(() => alertmanager?.stop());

/** Places in which `target` is silenced, of those given as [place, source, target]. */
async function silenced(pairs: Array<[string, Labels, Labels]>): Promise<string[]> {
  // A place of its own for each pair, or the others would silence as well. `part` keeps two alike apart.
  const posted = pairs.flatMap(([env, source, target]) => [
    { labels: { country: 'SLE', ...source, env, part: 'source' } },
    { labels: { country: 'SLE', ...target, env, part: 'target' } },
  ]);
  await alertmanager.post(posted);
  const places = new Set(pairs.map(([env]) => env));
  let last = -1;
  let found: string[] = [];
  // Sources reach the inhibitor a moment after the API took them.
  await until('the same answer twice', async () => {
    const seen = (await alertmanager.alerts()).filter(({ labels }) => places.has(labels.env ?? ''));
    const before = last;
    found = seen.flatMap(({ labels, status }) =>
      labels.part === 'target' && status.inhibitedBy.length > 0 ? [labels.env ?? ''] : []
    );
    last = found.length;
    return seen.length === posted.length && before === last;
  });
  return found.sort();
}

for (const [name, source] of alerts) {
  const silences = decided[name] ?? [];
  test(`${name} silences ${silences.length} alerts`, { skip: withoutAlertmanager }, async () => {
    const others = [...alerts].filter(([other]) => other !== name);
    const place = (target: string) => `${name} > ${target}`;
    const found = await silenced(others.map(([other, target]) => [place(other), source, target]));
    assert.deepEqual(found, silences.map(place).sort());
  });
}

test('every alert that the decisions name exists', () => {
  const named = Object.entries(decided).flat(2);
  assert.deepEqual(
    named.filter((name) => !alerts.has(name)),
    []
  );
});

test('a cause elsewhere silences nothing', { skip: withoutAlertmanager }, async () => {
  const labels = (name: string, change: Labels) => ({ ...alerts.get(name), ...change });
  const found = await silenced([
    ['other country', labels('OdooDown', { country: 'LBR' }), labels('OdooTracebacks', {})],
    ['other disk', labels('LowDiskSpace', {}), labels('DiskFillingUp', { mountpoint: '/var' })],
    ['other host', labels('InstanceDown dfr_host_nodes', {}), labels('HighCpuUsage', { instance: 'another' })],
    // The twin that shows that the question finds what is silenced.
    ['same country', labels('OdooDown', {}), labels('OdooTracebacks', {})],
  ]);
  assert.deepEqual(found, ['same country']);
});
