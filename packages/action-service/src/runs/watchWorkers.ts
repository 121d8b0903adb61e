import { Gauge, type Registry } from 'prom-client';
import { countHttpWorkers } from '../connectors/countHttpWorkers.ts';
import type { DockerConnector } from '../connectors/docker.ts';

const everyMs = 5000;
/** A count that is older is no longer told. */
const oldMs = 15_000;

/**
 * Counts the workers in Odoo's container now and then, for the metric `odoo_active_workers`; while the container or Docker does not
 * answer there is no such metric. Not at the scrape itself: that waits for nobody.
 */
export function watchWorkers(
  docker: DockerConnector | null,
  odoo: { container: string; cronWorkers: number },
  { metrics, now }: { metrics: Registry; now: () => Date }
) {
  let counted: { workers: number; at: number } | null = null;
  const look = async () => {
    const top = await docker?.top(odoo.container).catch(() => null);
    const workers = top ? countHttpWorkers(top, odoo.cronWorkers) : null;
    counted = workers === null ? null : { workers, at: now().getTime() };
  };
  new Gauge({
    name: 'odoo_active_workers',
    help: 'Processes of Odoo that answer requests, by the process list of its container.',
    labelNames: ['container'] as const,
    registers: [metrics],
    collect() {
      this.reset();
      if (counted && now().getTime() - counted.at <= oldMs) {
        this.set({ container: odoo.container }, counted.workers);
      }
    },
  });
  let timer: NodeJS.Timeout | undefined;
  return {
    look,
    start() {
      if (docker) {
        void look();
        timer = setInterval(() => void look(), everyMs);
      }
    },
    stop: () => clearInterval(timer),
  };
}
