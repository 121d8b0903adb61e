import { join } from 'node:path';
import { checkProvisioning } from '../provision/check.ts';
import type { Prepared } from './prepareCompose.ts';

/** Prints what the servers' own tools say of a prepared folder. Exit code: 1 when one of them refuses it. */
export async function checkPrepared({ folder, profile }: Prepared): Promise<number> {
  const results = await checkProvisioning(join(folder, 'config'), { rules: profile === 'monitor' });
  for (const { name, state, output } of results) {
    const sign = { ok: '✓', failed: '✗', missing: '–' }[state];
    console.log(`${sign} ${name}${state === 'ok' ? '' : `\n${output.trimEnd()}`}`);
  }
  return results.some(({ state }) => state === 'failed') ? 1 : 0;
}
