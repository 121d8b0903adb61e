import type { DoctorCheck } from '@dfr-ops/contracts';
import { z } from 'zod';
import { askJson } from '../connectors/askJson.ts';
import { failed, ok } from './findings.ts';

const name = 'Identity keys';
const Keys = z.object({ keys: z.array(z.object({ kty: z.string(), crv: z.string().optional() })) });

/** Whether the keys with which Grafana signs who clicked can be read. Never throws. */
export async function checkIdentityKeys(keysUrl: string): Promise<DoctorCheck> {
  const remedy = 'See whether Grafana runs, and that GRAFANA_KEYS_URL names its /api/signing-keys/keys.';
  try {
    const { body } = await askJson({ name: 'Grafana', url: keysUrl, timeoutMs: 3000 }, '');
    const usable = Keys.parse(body).keys.filter(({ kty, crv }) => kty === 'EC' && crv === 'P-256').length;
    return usable > 0
      ? ok(name, `Grafana publishes ${usable} for ES256.`)
      : failed(name, 'Grafana publishes no key for ES256: every action is refused.', remedy);
  } catch (error) {
    const why = error instanceof z.ZodError ? 'What answers there is no set of keys' : (error as Error).message;
    return failed(name, `${why}: nobody can act.`, remedy);
  }
}
