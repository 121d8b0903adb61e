import { gunzipSync } from 'node:zlib';
import { request } from 'undici';
import type { ActionsAnswer, AlertsAnswer } from '@dfr-ops/contracts';
import type { RunningMain } from '../test/startMain.ts';
import { waitUntil } from '../test/startServer.ts';
import { atMost, quantile, type Figure } from './figure.ts';

const alertCount = 5000;
const batch = 500;
const rounds = 20;
const looks = 200;

/** Posts alerts as our rules make them to a real Alertmanager. */
export async function postAlerts(alertmanagerUrl: string): Promise<void> {
  for (let from = 0; from < alertCount; from += batch) {
    const body = JSON.stringify(Array.from({ length: batch }, (_, index) => alertOf(from + index)));
    const answer = await fetch(`${alertmanagerUrl}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    if (!answer.ok) {
      throw new Error(`Alertmanager refused the alerts: ${answer.status} ${await answer.text()}`);
    }
  }
}

function alertOf(number: number) {
  const labels = {
    country: `C${number % 20}`,
    env: 'production',
    instance: `10.0.${number >> 8}.${number & 255}:8069`,
  };
  return {
    labels: {
      ...labels,
      alertname: `BenchAlert${number % 25}`,
      severity: 'high',
      service: 'odoo',
      component: 'worker',
      number: String(number),
    },
    annotations: {
      summary: `Odoo answers slowly at ${labels.instance}`,
      description: `${labels.country} ${labels.env}: ${number} % of the requests took longer than two seconds.`,
      signal_query: `dfr:odoo_slow:ratio{country="${labels.country}",env="production",instance="${labels.instance}"}`,
      signal_threshold: '0.2',
      log_query: `{service="odoo",country="${labels.country}"}`,
      actions: 'odoo.restart,nginx.reload',
      dashboard_uid: 'dfr-odoo',
      runbook_url: `http://127.0.0.1:13000/a/dfr-ops-app/runbook?alert=BenchAlert${number % 25}`,
    },
    startsAt: new Date(Date.now() - 60_000).toISOString(),
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
  };
}

/**
 * Asks Alertmanager for its alerts and the service for the panel's answer, turn by turn, and compares time and bytes on the wire.
 * The service has its alerts from Alertmanager; how old they are is what its rounds take.
 */
export async function measureAlerts(service: RunningMain, alertmanagerUrl: string): Promise<Figure[]> {
  await waitUntil(
    async () => (await countOf(service)) === alertCount,
    `${alertCount} alerts in the panel's answer`,
    180
  );
  const headers = { ...(await service.headersOf('viewer', 'Viewer')), 'accept-encoding': 'gzip' };
  const own: Timed[] = [];
  const panel: Timed[] = [];
  for (let round = 0; round < rounds; round += 1) {
    own.push(await timed(`${alertmanagerUrl}/api/v2/alerts`, {}));
    panel.push(await timed(`${service.base}/api/v1/alerts`, headers));
  }
  const ms = (all: Timed[]) =>
    quantile(
      all.map((one) => one.ms),
      0.5
    );
  const bytes = (all: Timed[]) => all.at(-1)!.bytes;
  const told = `Alertmanager ${ms(own).toFixed(0)} ms, ${(bytes(own) / 1e6).toFixed(1)} MB; panel ${ms(panel).toFixed(0)} ms, ${(bytes(panel) / 1e6).toFixed(2)} MB`;
  console.error(`${alertCount} alerts: ${told}`);
  return [
    atMost(`panel's answer : Alertmanager's own, ${alertCount} alerts`, ms(panel) / ms(own), '×', 1.3),
    atMost(`  of which bytes on the wire`, bytes(panel) / bytes(own), '×', 1 / 15),
  ];
}

/** The catalogue for one of the alerts, as its panel asks for it. */
export async function measureCatalogue(service: RunningMain): Promise<Figure[]> {
  const known = async () =>
    (await service.ask<AlertsAnswer>('GET', '/alerts')).alerts.filter(({ incidentId }) => incidentId !== null);
  await waitUntil(async () => (await known()).length >= looks, 'incidents of the alerts', 180);
  const alerts = await known();
  const headers = await service.headersOf('admin', 'Admin');
  const times: number[] = [];
  for (let look = 0; look < looks; look += 1) {
    const url = `${service.base}/api/v1/actions?fingerprint=${alerts[look % alerts.length]!.fingerprint}`;
    const { ms, text } = await timed(url, headers);
    if (!(JSON.parse(text()) as ActionsAnswer).actions.some(({ fit }) => fit?.fits)) {
      throw new Error('No action fits the alert.');
    }
    times.push(ms);
  }
  const kept = times.slice(looks / 10);
  return [
    atMost('service: catalogue for an alert, p95', quantile(kept, 0.95), 'ms', 5),
    atMost('service: catalogue for an alert, p50', quantile(kept, 0.5), 'ms', 5),
  ];
}

interface Timed {
  ms: number;
  /** On the wire. */
  bytes: number;
  text: () => string;
}

async function timed(url: string, headers: Record<string, string>): Promise<Timed> {
  const begun = performance.now();
  const answer = await request(url, { headers });
  const body = Buffer.from(await answer.body.arrayBuffer());
  const ms = performance.now() - begun;
  if (answer.statusCode !== 200) {
    throw new Error(`${url} answered ${answer.statusCode}: ${body.toString().slice(0, 300)}`);
  }
  const zipped = answer.headers['content-encoding'] === 'gzip';
  return { ms, bytes: body.length, text: () => (zipped ? gunzipSync(body) : body).toString() };
}

async function countOf(service: RunningMain): Promise<number> {
  const { alerts, omitted } = await service.ask<AlertsAnswer>('GET', '/alerts');
  return alerts.length + omitted;
}
