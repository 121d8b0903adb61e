import { z } from 'zod';
import { ask, secondsOutside } from '../ask.ts';
import { failed, NotChecked, ok, warning, type Check, type Finding } from '../check.ts';
import type { Installation } from '../installation.ts';
import type { ServiceReport } from './service.ts';

const Scalar = z.object({ data: z.object({ result: z.tuple([z.number(), z.string()]) }) });
const remedy = 'Keep both clocks by NTP: timedatectl set-ntp true, or chrony.';
/** Seconds; beyond the second, identity tokens are refused. */
const [fine, tolerated] = [2, 30];

/** `skewSeconds`: the other clock minus this machine's. */
export function judgeClock(name: string, skewSeconds: number): Finding {
  const by = Math.abs(skewSeconds);
  const text =
    by < 0.05 ? 'The same as here.' : `${by.toFixed(1)} s ${skewSeconds > 0 ? 'ahead of' : 'behind'} this machine.`;
  if (by > tolerated) {
    return failed(name, `${text} Beyond ${tolerated} s identity tokens are refused.`, remedy);
  }
  return by > fine ? warning(name, text, remedy) : ok(name, text);
}

export function clockChecks(installation: Installation, report: () => Promise<ServiceReport>): Check[] {
  const check = (name: string, skew: () => Promise<number | null>): Check => ({
    name: `Clock of ${name}`,
    remedy: `See whether ${name} runs.`,
    async look() {
      const seconds = await skew();
      if (seconds === null) {
        throw new NotChecked(`${name} does not tell its time`, `See whether ${name} runs.`);
      }
      return judgeClock(`Clock of ${name}`, seconds);
    },
  });
  return [
    check('Prometheus', async () => {
      const before = Date.now();
      const { body } = await ask(installation.prometheus, '/api/v1/query?query=time()');
      const at = Number(Scalar.parse(body).data.result[1]) * 1000;
      return secondsOutside(at, at, before);
    }),
    ...installation.alertmanagers.map((server) =>
      check(server.name, async () => (await ask(server, '/api/v2/status')).skewSeconds)
    ),
    check('the action service', async () => (await report()).skewSeconds),
    check('PostgreSQL', async () => {
      const { skewSeconds, postgresSkewSeconds } = await report();
      return postgresSkewSeconds === null ? null : skewSeconds + postgresSkewSeconds;
    }),
  ];
}
