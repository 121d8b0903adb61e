import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { RunRow } from './runRow.ts';

type EndedRun = Pick<RunRow, 'action_id' | 'state' | 'alert_labels' | 'created_at' | 'finished_at'>;

/** Metrics of runs. `going` is asked at every scrape. */
export function runMetrics(registry: Registry, going: () => number): (row: EndedRun) => void {
  const runs = new Counter({
    name: 'dfr_ops_runs_total',
    help: 'Runs of actions that ended, by action, final state and the service whose alert they were for (none: for no alert).',
    labelNames: ['action', 'state', 'service'] as const,
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'dfr_ops_run_duration_seconds',
    help: 'Time from the acceptance of a run to its end.',
    labelNames: ['action'] as const,
    buckets: [0.5, 1, 2, 5, 10, 20, 40, 60, 120, 300, 600],
    registers: [registry],
  });
  new Gauge({
    name: 'dfr_ops_runs_active',
    help: 'Runs that go on in this process.',
    registers: [registry],
    collect() {
      this.set(going());
    },
  });
  return (row) => {
    runs.inc({ action: row.action_id, state: row.state, service: row.alert_labels?.service || 'none' });
    duration.observe(
      { action: row.action_id },
      ((row.finished_at ?? row.created_at).getTime() - row.created_at.getTime()) / 1000
    );
  };
}
