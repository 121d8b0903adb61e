import { Gauge, type Registry } from 'prom-client';
import type { ResponseTimes } from '@dfr-ops/contracts';

type Severity = ResponseTimes['severities'][number];
export const METRICS_DAYS = 30;

/**
 * Shows how people respond, of the incidents of the last 30 days: mean times (MTTA, MTTR) and missed targets by severity.
 * `times`: null when the store does not answer; then nothing is shown rather than an old number.
 */
export function showResponse(registry: Registry, times: () => Promise<Severity[] | null>): void {
  const mean: Record<'acknowledge' | 'resolve', (one: Severity) => number | null> = {
    acknowledge: (one) => one.meanSecondsToAcknowledge,
    resolve: (one) => one.meanSecondsToResolve,
  };
  new Gauge({
    name: 'dfr_ops_response_mean_seconds',
    help: 'Mean time from the firing to the first acknowledgement (MTTA) and to the recovery (MTTR), of incidents of the last 30 days.',
    labelNames: ['severity', 'step'] as const,
    registers: [registry],
    async collect() {
      this.reset();
      for (const one of (await times()) ?? []) {
        for (const step of ['acknowledge', 'resolve'] as const) {
          const seconds = mean[step](one);
          if (seconds !== null) {
            this.set({ severity: one.severity, step }, seconds);
          }
        }
      }
    },
  });
  new Gauge({
    name: 'dfr_ops_response_late_incidents',
    help: 'Incidents of the last 30 days that missed their target, those that are late by now too.',
    labelNames: ['severity', 'step'] as const,
    registers: [registry],
    async collect() {
      this.reset();
      for (const one of (await times()) ?? []) {
        this.set({ severity: one.severity, step: 'acknowledge' }, one.acknowledgedLate);
        this.set({ severity: one.severity, step: 'resolve' }, one.resolvedLate);
      }
    },
  });
}
