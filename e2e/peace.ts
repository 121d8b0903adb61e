import type { StackFile } from '../packages/launcher/src/stackFile.ts';
import { apiAs } from './login';
import { Records, until } from './records';

const names = ['PostgresTooManyConnections', 'PostgresDown', 'OdooDown', 'OdooDbUnreachable', 'NginxHigh5xxErrorRate'];

/** Waits until no fault of a former test is told any more, by Prometheus, by Alertmanager or by the service. */
export async function peace(stack: StackFile): Promise<void> {
  const records = new Records(stack);
  const api = await apiAs(stack, 'viewer');
  try {
    await until('peace before the test', 90, async () => {
      const active = await Promise.all(names.map((name) => records.prometheusAlerts(name)));
      const held = await Promise.all(names.map((name) => records.alertmanagerAlerts(name)));
      const { incidents } = await (await api.get('read/incidents?state=open&limit=100')).json();
      const open = incidents.filter((incident: { alertName: string }) => names.includes(incident.alertName));
      return active.flat().length + held.flat().length + open.length === 0;
    });
  } finally {
    await api.dispose();
  }
}
