import { ServiceDoctor } from '@dfr-ops/contracts';
import { ask, secondsOutside } from '../ask.ts';
import { NotChecked, type Check, type Finding } from '../check.ts';
import type { Installation } from '../installation.ts';

/** What the service told, and by how much its clock differs from ours (seconds). */
export interface ServiceReport extends ServiceDoctor {
  skewSeconds: number;
}

/** Asks once, for all checks that need it. Rejects like `ask`. */
export function askService(installation: Installation): () => Promise<ServiceReport> {
  let asked: Promise<ServiceReport> | undefined;
  const go = async () => {
    if (!installation.service) {
      throw new NotChecked(
        'neither Grafana nor the secret of the action service is at hand',
        'Give --secrets DIR, or run the doctor as who may read the secret of the service.'
      );
    }
    const before = Date.now();
    const { body } = await ask(installation.service.read, '/doctor');
    const report = ServiceDoctor.parse(body);
    const at = Date.parse(report.at);
    return { ...report, skewSeconds: secondsOutside(at, at, before) };
  };
  return () => (asked ??= go());
}

export const serviceCheck = (installation: Installation, report: () => Promise<ServiceReport>): Check => ({
  name: 'Action service',
  remedy: `See whether the action service runs: ${installation.logOf('action-service')}.`,
  async look(): Promise<Finding[]> {
    const { version, checks } = await report();
    return [{ name: 'Action service', state: 'ok', text: `It answers (version ${version}).`, remedy: null }, ...checks];
  },
});
