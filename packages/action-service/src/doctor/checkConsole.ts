import type { DoctorCheck } from '@dfr-ops/contracts';
import { request } from 'undici';
import { failed, ok, warning } from './findings.ts';

const name = 'Break-glass console';

/** Whether the console runs, and somebody could log in to it. `console`: null where none is accepted. Never throws. */
export async function checkConsole(console: { issuer: string; keysUrl: string } | null): Promise<DoctorCheck> {
  if (console === null) {
    return ok(name, 'None is accepted here: while Grafana is down, nobody can act.');
  }
  try {
    const answer = await request(console.keysUrl, { headersTimeout: 3000, bodyTimeout: 3000 });
    await answer.body.dump();
    const password = answer.headers['x-dfr-ops-console-password'];
    if (answer.statusCode !== 200) {
      return failed(name, `${console.keysUrl} answered ${answer.statusCode}.`, 'See the log of the console.');
    }
    if (password === 'set') {
      return ok(name, `${console.issuer}; a password is set.`);
    }
    return password === 'unset'
      ? warning(name, 'No password is set: when Grafana is down, nobody can log in.', 'npm run console -- passwd')
      : warning(name, 'It lets people in without a password.', 'Start it with HOST_ACCESS=password.');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return failed(
      name,
      `It cannot be reached at ${console.keysUrl} (${code ?? message}).`,
      'See whether the console runs.'
    );
  }
}
