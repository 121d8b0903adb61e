import type { IncidentState } from '@dfr-ops/contracts';
import { Gauge, type Registry } from 'prom-client';
import type { IncidentRow } from './incidentRow.ts';

const STATES: IncidentState[] = ['pending', 'firing', 'sight_lost'];
/** Shown as 0 while nothing of them is open, so that a graph of one service is not without data in peace. */
const SERVICES = ['odoo', 'postgresql', 'nginx', 'host', 'backup', 'dfr-ops'];

/** Metrics of incidents. Both are asked at every scrape. `service` is whose alert it is, `none` where the alert has no such label. */
export function incidentMetrics(
  registry: Registry,
  open: () => Promise<Array<Pick<IncidentRow, 'state' | 'labels'>>>,
  heardAt: () => Date | null
): void {
  new Gauge({
    name: 'dfr_ops_incidents_open',
    help: 'Open incidents by state and service.',
    labelNames: ['state', 'service'] as const,
    registers: [registry],
    async collect() {
      const rows = await open();
      this.reset();
      const services = new Set([...SERVICES, ...rows.map(serviceOf)]);
      for (const state of STATES) {
        for (const service of services) {
          const those = rows.filter((row) => row.state === state && serviceOf(row) === service);
          this.set({ state, service }, those.length);
        }
      }
    },
  });
  new Gauge({
    name: 'dfr_ops_watchdog_last_beat_seconds',
    help: 'Unix time at which the Watchdog alert was heard last; 0 when never.',
    registers: [registry],
    collect() {
      this.set((heardAt()?.getTime() ?? 0) / 1000);
    },
  });
}

function serviceOf({ labels }: Pick<IncidentRow, 'labels'>): string {
  return labels.service || 'none';
}
